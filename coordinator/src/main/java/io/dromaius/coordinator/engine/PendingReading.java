package io.dromaius.coordinator.engine;

/** A head of a step in flight: whose position it reads, and whether it gives a vector. */
record PendingReading(SequenceGroup group, Sequence sequence, int position, boolean vector) {}
