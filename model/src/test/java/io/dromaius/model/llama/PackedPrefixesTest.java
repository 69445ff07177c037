package io.dromaius.model.llama;

import static org.assertj.core.api.Assertions.assertThat;

import io.dromaius.model.spec.LayerRange;
import io.dromaius.model.spec.LlamaSpec;
import io.dromaius.model.torch.Device;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.Tensor;
import io.dromaius.model.torch.Torch;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When a stage packs what three beams share, for how long it keeps it, and that nobody can tell by the results. */
final class PackedPrefixesTest {
    private static final LlamaSpec SPEC = new LlamaSpec(4, 32, 2, 48, 100, 1e-6, 10000, 2048);
    private static final int BLOCK_SIZE = 4;
    private static final int BLOCKS = 64;
    private static final int LAYERS = 2;
    private static final int PROMPT = 12;
    private static final int PATIENCE = 3;
    /** Keys and values of the prompt in a layer. */
    private static final long LAYER_BYTES = 2L * PROMPT * 32 * 4;

    private final List<LlamaStage> stages = new ArrayList<>();

    @AfterEach
    void close() {
        stages.forEach(LlamaStage::close);
    }

    @Test
    void packsALayerAStepOfWhatIsReadOften() {
        LlamaStage stage = stage(LAYERS * LAYER_BYTES);
        prefill(stage);
        for (int i = 0; i < PATIENCE; i++) {
            decode(stage, i, 3);
            assertThat(stage.packedBytes()).as("step %d", i).isZero();
        }
        for (int layers = 1; layers <= LAYERS + 1; layers++) {
            decode(stage, PATIENCE + layers - 1, 3);
            assertThat(stage.packedBytes()).isEqualTo(Math.min(layers, LAYERS) * LAYER_BYTES);
        }
    }

    @Test
    void resultsAreThoseOfAStageThatNeverPacks() {
        LlamaStage packing = stage(1 << 20);
        LlamaStage plain = stage(0);
        prefill(packing);
        prefill(plain);
        for (int i = 0; i < 20; i++) {
            int beams = i < 14 ? 3 : 2 + i % 2;
            assertThat(decode(packing, i, beams))
                    .usingComparatorWithPrecision(1e-5f)
                    .containsExactly(decode(plain, i, beams));
        }
        assertThat(packing.packedBytes()).isEqualTo(LAYERS * LAYER_BYTES);
        assertThat(plain.packedBytes()).isZero();
    }

    @Test
    void whatDoesNotFitIsLeftInThePages() {
        LlamaStage stage = stage(LAYERS * LAYER_BYTES - 1);
        prefill(stage);
        IntStream.range(0, 10).forEach(i -> decode(stage, i, 3));
        assertThat(stage.packedBytes()).isZero();
    }

    @Test
    void aPrefixWhoseBlocksAreWrittenIsForgotten() {
        LlamaStage stage = packed();
        step(stage, new StageStep(List.of(), List.of(new SequenceRows(0, 1, new int[] {2}))), 1);
        assertThat(stage.packedBytes()).isZero();
    }

    @Test
    void aPrefixOverWhichABlockIsCopiedIsForgotten() {
        LlamaStage stage = packed();
        step(
                stage,
                new StageStep(
                        List.of(new BlockCopy(BLOCKS - 2, 1)), List.of(new SequenceRows(0, 1, new int[] {BLOCKS - 1}))),
                1);
        assertThat(stage.packedBytes()).isZero();
    }

    @Test
    void aPrefixThatNobodyReadsAnyMoreIsForgotten() {
        LlamaStage stage = packed();
        int steps = 0;
        while (stage.packedBytes() > 0) {
            step(stage, new StageStep(List.of(), List.of(new SequenceRows(0, 1, new int[] {BLOCKS - 1}))), 1);
            assertThat(++steps).isLessThan(100);
        }
        assertThat(steps).isGreaterThan(32);
    }

    @Test
    void newPagesHoldNothingPacked() {
        LlamaStage stage = packed();
        stage.renewPages(BLOCKS, BLOCK_SIZE, packing(1 << 20));
        assertThat(stage.packedBytes()).isZero();
    }

    @Test
    void whatIsPackedIsFreed() {
        int before = Torch.liveTensors();
        LlamaStage stage = packed();
        int packed = Torch.liveTensors();
        step(stage, new StageStep(List.of(), List.of(new SequenceRows(0, 1, new int[] {2}))), 1);
        assertThat(Torch.liveTensors()).isEqualTo(packed - 2 * LAYERS);
        stage.close();
        stages.clear();
        assertThat(Torch.liveTensors()).isEqualTo(before);
    }

    private LlamaStage packed() {
        LlamaStage stage = stage(1 << 20);
        prefill(stage);
        IntStream.range(0, 10).forEach(i -> decode(stage, i, 3));
        assertThat(stage.packedBytes()).isEqualTo(LAYERS * LAYER_BYTES);
        return stage;
    }

    private LlamaStage stage(long bytes) {
        StageOptions options = new StageOptions(Dtype.FP32, Device.CPU, BLOCKS, BLOCK_SIZE, packing(bytes));
        LlamaStage stage = new LlamaStage(SPEC, new RandomWeights(SPEC, 1), new LayerRange(1, 1 + LAYERS), options);
        stages.add(stage);
        return stage;
    }

    private static PrefixPacking packing(long bytes) {
        return new PrefixPacking(bytes, LAYER_BYTES, 3, PATIENCE);
    }

    private static void prefill(LlamaStage stage) {
        step(stage, new StageStep(List.of(), List.of(new SequenceRows(0, PROMPT, new int[] {0, 1, 2}))), PROMPT);
    }

    /** A step of the beams, which have the prompt's three blocks and others of their own. */
    private static float[] decode(LlamaStage stage, int generated, int beams) {
        List<SequenceRows> sequences = IntStream.range(0, beams)
                .mapToObj(beam -> {
                    IntStream own = IntStream.range(0, 5).map(i -> 3 + i * 3 + beam);
                    return new SequenceRows(
                            PROMPT + generated,
                            1,
                            IntStream.concat(IntStream.range(0, 3), own).toArray());
                })
                .toList();
        return step(stage, new StageStep(List.of(), sequences), beams);
    }

    private static float[] step(LlamaStage stage, StageStep step, int rows) {
        float[] values = new float[rows * 32];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) Math.sin(i * 0.7 + step.sequences().get(0).start());
        }
        try (Tensor x = GoldenSequence.tensor(values, rows, 32);
                Tensor y = stage.forward(step, x)) {
            return y.floats();
        }
    }
}
