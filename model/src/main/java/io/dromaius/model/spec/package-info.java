/** Sizes of a model: what its configuration files say, and no weights. */
@NullMarked
package io.dromaius.model.spec;

import org.jspecify.annotations.NullMarked;
