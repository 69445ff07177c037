package io.dromaius.coordinator.engine;

import static com.google.common.base.Preconditions.checkArgument;

import io.dromaius.coordinator.kv.BlockCopy;
import java.util.List;

/**
 * One step of the pipeline, as emu.internal.v1.ExecuteRequest carries it: what is new, what runs, which rows are read.
 *
 * @param step 1, 2, 3, ... without gaps
 * @param copies done first
 * @param slices their rows, concatenated in order, are the rows of the step
 * @param released sequences whose tables are dropped before the slices are read
 */
public record StepPlan(
        long step, List<BlockCopy> copies, List<SliceRows> slices, List<Long> released, List<HeadRow> heads) {
    public StepPlan {
        checkArgument(step > 0, "step %s", step);
        copies = List.copyOf(copies);
        slices = List.copyOf(slices);
        released = List.copyOf(released);
        heads = List.copyOf(heads);
    }

    public int rows() {
        int rows = 0;
        for (SliceRows slice : slices) {
            rows += slice.length();
        }
        return rows;
    }
}
