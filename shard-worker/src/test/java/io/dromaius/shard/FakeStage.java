package io.dromaius.shard;

import io.dromaius.model.llama.BlockCopy;
import io.dromaius.model.llama.SequenceRows;
import io.dromaius.model.spec.LayerRange;
import io.dromaius.proto.internal.v1.DType;
import io.dromaius.proto.internal.v1.HeadRow;
import io.dromaius.proto.internal.v1.InputRun;
import io.dromaius.proto.internal.v1.RowResult;
import io.dromaius.wire.TensorBuffer;
import io.dromaius.wire.TensorBuffers;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A stage whose numbers a test can foresee, with real pages. A hidden state is four floats: the value fed (an id, or a
 * vector's first element), the layers it went through, and the sum of the values at the positions up to it as found in
 * the pages of the stage's blocks. A text head answers with the id fed, and as its log-probability with that sum; a
 * regress head with the whole vector. Each step is said to pack a byte.
 */
class FakeStage implements Stage {
    static final int HIDDEN = 4;
    static final int VOCABULARY = 1000;

    private final StageSpec spec;
    private final float[] pages;
    private long steps;

    FakeStage(LayerRange layers, int modelLayers, int blocks, int blockSize) {
        this.spec = new StageSpec(layers, modelLayers, HIDDEN, VOCABULARY, DType.D_TYPE_FP32, blocks, blockSize);
        this.pages = new float[blocks * blockSize];
    }

    @Override
    public StageSpec spec() {
        return spec;
    }

    @Override
    public StageOutput execute(Step step, ByteBuffer payload) {
        steps++;
        for (BlockCopy copy : step.work().copies()) {
            System.arraycopy(
                    pages, copy.source() * spec.blockSize(), pages, copy.target() * spec.blockSize(), spec.blockSize());
        }
        float[][] hidden = spec.first() ? embed(step, payload.asFloatBuffer()) : read(step, payload.asFloatBuffer());
        int row = 0;
        for (SequenceRows sequence : step.work().sequences()) {
            for (int i = 0; i < sequence.length(); i++) {
                hidden[row][2] = attend(sequence, sequence.start() + i, hidden[row][0]);
                hidden[row][1] += spec.layers().count();
                row++;
            }
        }
        return spec.last() ? heads(step, hidden) : output(Arrays.asList(hidden), List.of());
    }

    private static float[][] embed(Step step, FloatBuffer vectors) {
        float[][] hidden = new float[step.rows()][HIDDEN];
        int row = 0;
        for (InputRun run : step.inputs()) {
            for (int id : run.getIdsList()) {
                hidden[row++][0] = id;
            }
            for (int i = 0; i < run.getVectors(); i++) {
                vectors.get(hidden[row++]);
            }
        }
        return hidden;
    }

    private static float[][] read(Step step, FloatBuffer states) {
        float[][] hidden = new float[step.rows()][HIDDEN];
        for (float[] state : hidden) {
            states.get(state);
        }
        return hidden;
    }

    private float attend(SequenceRows sequence, int position, float value) {
        pages[slot(sequence, position)] = value;
        float sum = 0;
        for (int i = 0; i <= position; i++) {
            sum += pages[slot(sequence, i)];
        }
        return sum;
    }

    private int slot(SequenceRows sequence, int position) {
        return sequence.blocks()[position / spec.blockSize()] * spec.blockSize() + position % spec.blockSize();
    }

    private StageOutput heads(Step step, float[][] hidden) {
        List<float[]> vectors = new ArrayList<>();
        List<RowResult> results = new ArrayList<>();
        for (HeadRow head : step.heads()) {
            float[] state = hidden[head.getRow()];
            if (head.hasRegress()) {
                vectors.add(state);
                results.add(RowResult.getDefaultInstance());
            } else {
                results.add(RowResult.newBuilder()
                        .setId((int) state[0])
                        .setLogprob(state[2])
                        .build());
            }
        }
        return output(vectors, results);
    }

    private StageOutput output(List<float[]> vectors, List<RowResult> results) {
        TensorBuffer buffer = TensorBuffers.shared().lend(vectors.size() * HIDDEN * Float.BYTES);
        FloatBuffer floats = buffer.bytes().asFloatBuffer();
        vectors.forEach(floats::put);
        return new StageOutput(spec.dtype(), List.of(vectors.size(), HIDDEN), buffer.bytes(), results, buffer::close);
    }

    @Override
    public double layerMillis() {
        return 0.5;
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
        return (long) pages.length * Float.BYTES;
    }

    @Override
    public long packedBytes() {
        return steps;
    }

    @Override
    public void close() {}

    /** Loads fake stages of a model with this many layers. */
    static class Loader implements StageLoader {
        private final int modelLayers;

        Loader(int modelLayers) {
            this.modelLayers = modelLayers;
        }

        @Override
        public int modelLayers() {
            return modelLayers;
        }

        @Override
        public Stage load(StageLayout layout) {
            return new FakeStage(layout.layers(), modelLayers, layout.maxBlocks(), layout.blockSize());
        }

        @Override
        public void close() {}
    }
}
