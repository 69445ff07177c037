@NullMarked
package io.dromaius.coordinator.pipeline;

import org.jspecify.annotations.NullMarked;
