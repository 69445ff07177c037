@NullMarked
package io.dromaius.model.sampling;

import org.jspecify.annotations.NullMarked;
