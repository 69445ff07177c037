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
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** When a stage packs what beams share, for how long it keeps it, and that nobody can tell by the results. */
final class PackedPrefixesTest {
    private static final LlamaSpec SPEC = new LlamaSpec(4, 32, 2, 48, 100, 1e-6, 10000, 2048);
    private static final int BLOCK_SIZE = 4;
    private static final int BLOCKS = 128;
    private static final int LAYERS = 2;
    private static final int PROMPT = 12;
    private static final int BEAMS = 4;
    private static final int PATIENCE = 3;
    /** The prompt's twelve positions, filled up to 64. */
    private static final long LAYER_BYTES = 2L * 64 * 32 * 4;

    private static final long ROOM_BYTES = PROMPT * 32 * 4L;
    private static final Search FIRST = new Search(0, BEAMS);
    private static final Search SECOND = new Search(40, BEAMS);

    private final List<LlamaStage> stages = new ArrayList<>();

    /** Beams that share the three blocks of a prompt and have blocks of their own behind them. */
    private record Search(int firstBlock, int beams) {
        SequenceRows prompt() {
            return new SequenceRows(0, PROMPT, table(0));
        }

        List<SequenceRows> step(int generated, int alive) {
            return IntStream.range(0, alive)
                    .mapToObj(beam -> new SequenceRows(PROMPT + generated, 1, table(beam)))
                    .toList();
        }

        private int[] table(int beam) {
            IntStream own = IntStream.range(0, 6).map(i -> firstBlock + 3 + i * beams + beam);
            return IntStream.concat(IntStream.range(firstBlock, firstBlock + 3), own)
                    .toArray();
        }
    }

    @AfterEach
    void close() {
        stages.forEach(LlamaStage::close);
    }

    @Test
    void packsALayerAStepOfWhatIsReadOften() {
        LlamaStage stage = begun(LAYERS * LAYER_BYTES + ROOM_BYTES);
        for (int i = 0; i < PATIENCE; i++) {
            decode(stage, i);
            assertThat(stage.packedBytes()).as("step %d", i).isZero();
        }
        decode(stage, PATIENCE);
        assertThat(stage.packedBytes()).isEqualTo(LAYER_BYTES + ROOM_BYTES);
        decode(stage, PATIENCE + 1);
        assertThat(stage.packedBytes()).isEqualTo(LAYERS * LAYER_BYTES);
        decode(stage, PATIENCE + 2);
        assertThat(stage.packedBytes()).isEqualTo(LAYERS * LAYER_BYTES);
    }

    @Test
    void whatDoesNotFitIsLeftInThePages() {
        LlamaStage stage = begun(LAYERS * LAYER_BYTES + ROOM_BYTES - 1);
        IntStream.range(0, 10).forEach(i -> decode(stage, i));
        assertThat(stage.packedBytes()).isZero();
    }

    @Test
    void aSearchThatHasEndedIsPackedNoFurther() {
        LlamaStage stage = begun(1 << 20);
        IntStream.rangeClosed(0, PATIENCE).forEach(i -> decode(stage, i));
        run(stage, List.of(), new SequenceRows(0, 1, new int[] {BLOCKS - 1}));
        assertThat(stage.packedBytes()).isEqualTo(LAYER_BYTES + ROOM_BYTES);
    }

    /** What becomes of a prefix's blocks, and with them of its copy. */
    private enum End {
        WRITTEN,
        WRITTEN_BY_A_CHUNK,
        COPIED_OVER,
        PAGES_RENEWED
    }

    @ParameterizedTest
    @EnumSource(End.class)
    void aPrefixEndsWithItsBlocks(End end) {
        for (int steps : new int[] {PATIENCE + 1, PATIENCE + 5}) {
            LlamaStage stage = begun(1 << 20);
            IntStream.range(0, steps).forEach(i -> decode(stage, i));
            assertThat(stage.packedBytes()).isPositive();
            switch (end) {
                case WRITTEN -> run(stage, List.of(), new SequenceRows(0, 1, new int[] {2}));
                case WRITTEN_BY_A_CHUNK -> run(stage, List.of(), new SequenceRows(2, 7, new int[] {99, 1, 98}));
                case COPIED_OVER ->
                    run(stage, List.of(new BlockCopy(BLOCKS - 2, 1)), new SequenceRows(0, 1, new int[] {BLOCKS - 1}));
                case PAGES_RENEWED -> stage.renewPages(BLOCKS, BLOCK_SIZE, packing(1 << 20));
            }
            assertThat(stage.packedBytes()).isZero();
        }
    }

    @Test
    void aPrefixThatNobodyReadsAnyMoreIsForgotten() {
        LlamaStage stage = packed();
        int steps = 0;
        while (stage.packedBytes() > 0) {
            run(stage, List.of(), new SequenceRows(0, 1, new int[] {BLOCKS - 1}));
            assertThat(++steps).isLessThan(100);
        }
        assertThat(steps).isGreaterThan(32);
    }

    @Test
    void whatIsPackedIsFreed() {
        int before = Torch.liveTensors();
        LlamaStage stage = packed();
        int packed = Torch.liveTensors();
        run(stage, List.of(), new SequenceRows(0, 1, new int[] {2}));
        assertThat(Torch.liveTensors()).isEqualTo(packed - 2 * LAYERS);
        decode(begun(1 << 20), 0);
        stages.forEach(LlamaStage::close);
        stages.clear();
        assertThat(Torch.liveTensors()).isEqualTo(before);
    }

    @Test
    void fewerBeamsThanItWasPackedForReadIt() {
        checkAgainstPages(1, stage -> IntStream.range(8, 14)
                .mapToObj(i -> run(stage, FIRST.step(i, BEAMS - i % 3)))
                .toList());
    }

    @Test
    void otherContentInTheSameBlocksIsReadAsItIs() {
        checkAgainstPages(1, stage -> {
            run(stage, List.of(), new SequenceRows(0, 6, FIRST.table(0)));
            return IntStream.range(8, 18).mapToObj(i -> decode(stage, i)).toList();
        });
    }

    @Test
    void twoSearchesReadTheirsBesideAChunkAndSingleRows() {
        checkAgainstPages(2, stage -> {
            List<float[]> outputs = new ArrayList<>();
            outputs.add(run(stage, List.of(), SECOND.prompt()));
            for (int i = 8; i < 18; i++) {
                List<SequenceRows> step = new ArrayList<>();
                step.add(new SequenceRows(i, 1, IntStream.range(100, 105).toArray()));
                step.addAll(FIRST.step(i, BEAMS));
                step.add(new SequenceRows(
                        4 * (i - 8), 4, IntStream.range(110, 120).toArray()));
                step.addAll(SECOND.step(i, 3));
                step.add(new SequenceRows(i, 1, IntStream.range(105, 110).toArray()));
                outputs.add(run(stage, step));
            }
            return outputs;
        });
    }

    /**
     * The steps on a stage that has packed the first search's prompt, and on one that never packs.
     *
     * @param packed prefixes at their end
     */
    private void checkAgainstPages(int packed, Function<LlamaStage, List<float[]>> steps) {
        LlamaStage plain = begun(0);
        IntStream.range(0, 8).forEach(i -> decode(plain, i));
        List<float[]> expected = steps.apply(plain);
        assertThat(plain.packedBytes()).isZero();
        LlamaStage packing = packed();
        List<float[]> found = steps.apply(packing);
        assertThat(packing.packedBytes()).isEqualTo(LAYER_BYTES * LAYERS * packed);
        assertThat(found).hasSameSizeAs(expected);
        for (int i = 0; i < expected.size(); i++) {
            assertThat(found.get(i))
                    .as("step %d", i)
                    .usingComparatorWithPrecision(1e-7f)
                    .containsExactly(expected.get(i));
        }
    }

    private LlamaStage packed() {
        LlamaStage stage = begun(1 << 20);
        IntStream.range(0, 8).forEach(i -> decode(stage, i));
        assertThat(stage.packedBytes()).isEqualTo(LAYERS * LAYER_BYTES);
        return stage;
    }

    /** A stage that has seen the first search's prompt. */
    private LlamaStage begun(long bytes) {
        StageOptions options = new StageOptions(Dtype.FP32, Device.CPU, BLOCKS, BLOCK_SIZE, packing(bytes), false);
        LlamaStage stage = new LlamaStage(SPEC, new RandomWeights(SPEC, 1), new LayerRange(1, 1 + LAYERS), options);
        stages.add(stage);
        run(stage, List.of(), FIRST.prompt());
        return stage;
    }

    private static PrefixPacking packing(long bytes) {
        return new PrefixPacking(bytes, 1, 2, PATIENCE);
    }

    private static float[] decode(LlamaStage stage, int generated) {
        return run(stage, FIRST.step(generated, BEAMS));
    }

    private static float[] run(LlamaStage stage, List<SequenceRows> sequences) {
        return run(stage, List.of(), sequences.toArray(SequenceRows[]::new));
    }

    private static float[] run(LlamaStage stage, List<BlockCopy> copies, SequenceRows... sequences) {
        StageStep step = new StageStep(copies, List.of(sequences));
        float[] values = new float[step.rows() * SPEC.hidden()];
        for (int i = 0; i < values.length; i++) {
            // Small, so that what attention adds is not lost in the sum.
            values[i] = (float) (0.01 * Math.sin(i * 0.7 + step.rows() + sequences[0].start()));
        }
        try (Tensor x = Tensor.of(values, step.rows(), SPEC.hidden());
                Tensor y = stage.forward(step, x)) {
            return y.floats();
        }
    }
}
