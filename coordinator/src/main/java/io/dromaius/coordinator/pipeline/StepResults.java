package io.dromaius.coordinator.pipeline;

import io.dromaius.coordinator.engine.RowResult;
import io.dromaius.coordinator.engine.ScoredId;
import io.dromaius.coordinator.engine.StepResult;
import io.dromaius.proto.internal.v1.StreamResultsResponse;
import io.dromaius.wire.TensorFrame;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** Reads results off frames. Pure functions. */
final class StepResults {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private StepResults() {}

    /** The result that {@code frame} carries; its vectors are copied out, so the frame may be closed. */
    static StepResult of(TensorFrame<StreamResultsResponse> frame) {
        StreamResultsResponse header = frame.header();
        List<RowResult> rows = new ArrayList<>(header.getRowsCount());
        for (io.dromaius.proto.internal.v1.RowResult row : header.getRowsList()) {
            rows.add(new RowResult(
                    row.getId(),
                    row.getLogprob(),
                    pairs(row.getCandidateIdsList(), row.getCandidateScoresList()),
                    pairs(row.getLogprobIdsList(), row.getLogprobsList()),
                    row.getScoresList()));
        }
        return new StepResult(header.getStep(), rows, vectors(frame), header.getBlocksInUse());
    }

    private static List<ScoredId> pairs(List<Integer> ids, List<Float> scores) {
        List<ScoredId> pairs = new ArrayList<>(ids.size());
        for (int i = 0; i < ids.size(); i++) {
            pairs.add(new ScoredId(ids.get(i), scores.get(i)));
        }
        return pairs;
    }

    private static ByteBuffer vectors(TensorFrame<StreamResultsResponse> frame) {
        if (frame.payloadBytes() == 0) {
            return NOTHING;
        }
        ByteBuffer copy = ByteBuffer.allocate(frame.payloadBytes()).order(ByteOrder.LITTLE_ENDIAN);
        return copy.put(frame.payload()).flip();
    }
}
