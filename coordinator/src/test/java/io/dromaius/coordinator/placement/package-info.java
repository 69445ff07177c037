@NullMarked
package io.dromaius.coordinator.placement;

import org.jspecify.annotations.NullMarked;
