@NullMarked
package io.dromaius.coordinator.vision;

import org.jspecify.annotations.NullMarked;
