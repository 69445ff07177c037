/**
 * The engine of one pipeline for one epoch: which sequences run in which step, with which KV blocks, and what their
 * results mean. Pure Java on one thread: no gRPC, no lock, no clock of its own; time comes in as values.
 */
@NullMarked
package io.dromaius.coordinator.engine;

import org.jspecify.annotations.NullMarked;
