@NullMarked
package io.dromaius.coordinator.intake;

import org.jspecify.annotations.NullMarked;
