package io.dromaius.coordinator.engine;

import java.util.List;

/** The readings that one step brought for one group, in the order of their heads. */
record GroupReadings(SequenceGroup group, List<Reading> readings) {}
