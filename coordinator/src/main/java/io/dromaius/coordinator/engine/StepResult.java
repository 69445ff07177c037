package io.dromaius.coordinator.engine;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * What a step gave.
 *
 * @param rows one for each head row of the plan, in order
 * @param vectors the vectors of the regress rows, in order, in the pipeline's dtype, from position 0 to the limit;
 *     memory of the garbage collector's, not written again
 * @param blocksInUse distinct blocks in the last shard's tables after the step
 */
public record StepResult(long step, List<RowResult> rows, ByteBuffer vectors, int blocksInUse) {
    public StepResult {
        rows = List.copyOf(rows);
    }
}
