package io.dromaius.coordinator.engine;

import static com.google.common.base.Preconditions.checkArgument;

/** Positions [from, to) of a sequence, to be fed in one step. */
record Feed(Sequence sequence, int from, int to) {
    Feed {
        checkArgument(from < to, "positions [%s, %s)", from, to);
    }

    int rows() {
        return to - from;
    }
}
