@NullMarked
package io.dromaius.model.weights;

import org.jspecify.annotations.NullMarked;
