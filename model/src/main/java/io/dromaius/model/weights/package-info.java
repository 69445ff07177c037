/**
 * Checkpoints: what tensors a file holds and where, and how they get into memory. Nothing in a file is ever executed, and
 * what can be mapped is not copied.
 */
@NullMarked
package io.dromaius.model.weights;

import org.jspecify.annotations.NullMarked;
