/** Sizes of a model's networks: what its configuration files say, and no weights; and how a checkpoint is refused. */
@NullMarked
package io.dromaius.model.spec;

import org.jspecify.annotations.NullMarked;
