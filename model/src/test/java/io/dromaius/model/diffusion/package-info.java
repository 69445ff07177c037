@NullMarked
package io.dromaius.model.diffusion;

import org.jspecify.annotations.NullMarked;
