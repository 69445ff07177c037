package io.dromaius.coordinator.engine;

import static com.google.common.base.Preconditions.checkArgument;

/** One reading of the final hidden state of row {@code row} of a step. Several may read the same row. */
public record HeadRow(int row, HeadRequest head) {
    public HeadRow {
        checkArgument(row >= 0, "row %s", row);
    }
}
