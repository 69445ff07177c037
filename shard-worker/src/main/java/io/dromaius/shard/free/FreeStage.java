package io.dromaius.shard.free;

import io.dromaius.model.spec.LlamaSpec;
import io.dromaius.proto.internal.v1.DType;
import io.dromaius.proto.internal.v1.HeadRow;
import io.dromaius.proto.internal.v1.RowResult;
import io.dromaius.proto.internal.v1.TextHead;
import io.dromaius.shard.Stage;
import io.dromaius.shard.StageLayout;
import io.dromaius.shard.StageLoader;
import io.dromaius.shard.StageOutput;
import io.dromaius.shard.StageSpec;
import io.dromaius.shard.Step;
import io.dromaius.wire.TensorBuffer;
import io.dromaius.wire.TensorBuffers;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A stage that costs nothing: payloads of the right size and whatever content, and results of the right form. What a
 * cluster of them takes is what the rest of the cluster takes. No id it gives ends an answer, and constraints are not
 * minded.
 */
final class FreeStage implements Stage {
    /** Ordinary pieces in every vocabulary. */
    private static final int FIRST_ID = 100;

    private static final int IDS = 97;

    private final StageSpec spec;

    private FreeStage(StageSpec spec) {
        this.spec = spec;
    }

    /** Loads free stages of a model of these sizes; every block that is asked for is there. */
    static StageLoader loader(LlamaSpec llama) {
        return new StageLoader() {
            @Override
            public int modelLayers() {
                return llama.layers();
            }

            @Override
            public Stage load(StageLayout layout) {
                return new FreeStage(new StageSpec(
                        layout.layers(),
                        llama.layers(),
                        llama.hidden(),
                        llama.vocabulary(),
                        layout.dtype(),
                        layout.maxBlocks(),
                        layout.blockSize()));
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public StageSpec spec() {
        return spec;
    }

    @Override
    public StageOutput execute(Step step, ByteBuffer payload) {
        if (!spec.last()) {
            return output(step.rows(), List.of());
        }
        List<RowResult> results = new ArrayList<>(step.heads().size());
        int vectors = 0;
        for (HeadRow head : step.heads()) {
            if (head.hasText()) {
                results.add(text(head.getText(), head.getRow()));
            } else {
                vectors++;
                results.add(RowResult.getDefaultInstance());
            }
        }
        return output(vectors, results);
    }

    private StageOutput output(int vectors, List<RowResult> results) {
        int width = spec.hidden() * (spec.dtype() == DType.D_TYPE_FP32 ? Float.BYTES : Short.BYTES);
        TensorBuffer payload = TensorBuffers.shared().lend(vectors * width);
        return new StageOutput(spec.dtype(), List.of(vectors, spec.hidden()), payload.bytes(), results, payload::close);
    }

    private static RowResult text(TextHead head, int row) {
        RowResult.Builder result =
                RowResult.newBuilder().setId(FIRST_ID + row % IDS).setLogprob(-1);
        for (int i = 0; i < head.getCandidates(); i++) {
            result.addCandidateIds(FIRST_ID + i).addCandidateScores(-1 - i);
        }
        for (int i = 0; i < head.getLogprobs(); i++) {
            result.addLogprobIds(FIRST_ID + i).addLogprobs(-1 - i);
        }
        head.getScoreIdsList().forEach(id -> result.addScores(-1));
        return result.build();
    }

    @Override
    public double layerMillis() {
        return 0;
    }

    @Override
    public long mappedBytes() {
        return 0;
    }

    @Override
    public long copiedBytes() {
        return 0;
    }

    @Override
    public long kvBytes() {
        return 0;
    }

    @Override
    public long packedBytes() {
        return 0;
    }

    @Override
    public void close() {}
}
