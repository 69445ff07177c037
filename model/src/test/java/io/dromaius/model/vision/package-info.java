@NullMarked
package io.dromaius.model.vision;

import org.jspecify.annotations.NullMarked;
