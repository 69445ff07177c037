package io.dromaius.coordinator.engine;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * Positions [from, to) of a sequence, to be fed in one step.
 *
 * @param decoded how many of them, the last ones, were or would have been decoded one by one
 */
record Feed(Sequence sequence, int from, int to, int decoded) {
    Feed {
        checkArgument(from < to && decoded <= to - from, "positions [%s, %s), %s decoded", from, to, decoded);
    }

    int rows() {
        return to - from;
    }
}
