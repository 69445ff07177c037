/** The public services: what clients may ask, how an answer is put together, and how every failure is told. */
@NullMarked
package io.dromaius.coordinator.api;

import org.jspecify.annotations.NullMarked;
