@NullMarked
package io.dromaius.coordinator.api;

import org.jspecify.annotations.NullMarked;
