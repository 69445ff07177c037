package io.dromaius.shard;

import io.dromaius.proto.internal.v1.DType;
import io.dromaius.proto.internal.v1.RowResult;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * What a step leaves.
 *
 * @param shape of the payload: the hidden states [rows, hidden], or on the last stage the vectors of the regress heads
 *     [n, hidden]
 * @param payload little-endian, direct
 * @param results on the last stage one for each head, in the order of the step's heads
 * @param release frees the payload; run once, on any thread, when it is not needed any more
 */
public record StageOutput(
        DType dtype, List<Integer> shape, ByteBuffer payload, List<RowResult> results, Runnable release) {
    public StageOutput {
        shape = List.copyOf(shape);
        results = List.copyOf(results);
    }
}
