/** The coordinator: its configuration, its parts put together, its main. */
@NullMarked
package io.dromaius.coordinator;

import org.jspecify.annotations.NullMarked;
