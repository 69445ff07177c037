/** Measurements of the language model's layers alone. */
@NullMarked
package io.dromaius.model.bench;

import org.jspecify.annotations.NullMarked;
