/** A complete model of random weights, made in a second or two: for tests, and for the demo until a trained one is there. */
@NullMarked
package io.dromaius.model.tiny;

import org.jspecify.annotations.NullMarked;
