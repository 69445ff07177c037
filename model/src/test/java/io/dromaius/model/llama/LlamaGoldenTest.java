package io.dromaius.model.llama;

import static org.assertj.core.api.Assertions.assertThat;

import io.dromaius.model.Golden;
import io.dromaius.model.spec.LayerRange;
import io.dromaius.model.torch.Device;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.Tensor;
import io.dromaius.model.weights.Checkpoint;
import io.dromaius.model.weights.WeightSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The language model against the reference's hidden states, logits and visual embeddings, always through the paged cache. */
class LlamaGoldenTest {
    private static final StageOptions FP32 = new StageOptions(Dtype.FP32, Device.CPU, 64, 16);

    @Test
    void everyLayerAloneGivesTheReferencesOutput() {
        Checkpoint checkpoint = Checkpoint.open(Golden.path("emu-tiny"));
        WeightSource cases = WeightSource.ofFile(Golden.path("cases/llm/llm_pretrain.safetensors"));
        float[] input = GoldenSequence.floats(cases, "inputs_embeds");
        int rows = input.length / 64;
        for (int layer = 0; layer < 6; layer++) {
            float[] expected = GoldenSequence.floats(cases, "layer_" + layer + "_out");
            try (LlamaStage stage = new LlamaStage(
                            checkpoint.spec().llama(), checkpoint.weights(), new LayerRange(layer, layer + 1), FP32);
                    Tensor x = GoldenSequence.tensor(input, rows, 64);
                    Tensor y = stage.forward(step(0, rows, blocks(FP32)), x)) {
                assertThat(y.floats())
                        .usingComparatorWithPrecision(GoldenSequence.LAYER)
                        .containsExactly(expected);
            }
            input = expected;
        }
    }

    @Test
    void embedsIdsAndPictures() {
        WeightSource cases = WeightSource.ofFile(Golden.path("cases/llm/llm_pretrain.safetensors"));
        try (Pipeline pipeline = pipeline("emu-tiny", FP32, 6);
                Tensor x = GoldenSequence.read("pretrain").embed(pipeline.first(), "cformer")) {
            assertThat(x.floats())
                    .usingComparatorWithPrecision(GoldenSequence.LAYER)
                    .containsExactly(GoldenSequence.floats(cases, "inputs_embeds"));
        }
    }

    @Test
    void anySplitAnyBlocksAndAnyChunksGiveTheReferencesLogits() {
        Random random = new Random(1);
        GoldenSequence sequence = GoldenSequence.read("pretrain");
        for (int[] split : new int[][] {{6}, {1, 6}, {3, 5, 6}, {1, 2, 3, 4, 5, 6}}) {
            for (int blockSize : new int[] {1, 3, 16, 100}) {
                int blocks = 2 * sequence.rows() / blockSize + 4;
                StageOptions options = new StageOptions(Dtype.FP32, Device.CPU, blocks, blockSize);
                try (Pipeline pipeline = pipeline("emu-tiny", options, split)) {
                    check(pipeline, sequence, "cformer", shuffled(random, blocks), chunks(random, sequence.rows()));
                }
            }
        }
    }

    @Test
    void oneRowAtATimeAgreesWithAllAtOnce() {
        GoldenSequence sequence = GoldenSequence.read("pretrain");
        try (Pipeline pipeline = pipeline("emu-tiny", FP32, 2, 6)) {
            check(
                    pipeline,
                    sequence,
                    "cformer",
                    blocks(FP32),
                    IntStream.range(0, sequence.rows()).map(i -> 1).toArray());
        }
    }

    @Test
    void instructMergesItsAdapters() {
        GoldenSequence sequence = GoldenSequence.read("instruct");
        try (Pipeline pipeline = pipeline("emu-tiny-instruct", FP32, 3, 6)) {
            check(pipeline, sequence, "instruct.cformer", blocks(FP32), new int[] {50, sequence.rows() - 50});
        }
    }

    @Test
    void bf16AgreesOnTheBestTokenWhereItIsClear() {
        StageOptions bf16 = new StageOptions(Dtype.BF16, Device.CPU, 64, 16);
        int clear = 0;
        int agreed = 0;
        for (String model : List.of("pretrain", "instruct")) {
            GoldenSequence sequence = GoldenSequence.read(model);
            boolean instruct = model.equals("instruct");
            try (Pipeline pipeline = pipeline(instruct ? "emu-tiny-instruct" : "emu-tiny", bf16, 3, 6);
                    Tensor x = sequence.embed(pipeline.first(), instruct ? "instruct.cformer" : "cformer");
                    Tensor y = pipeline.forward(step(0, sequence.rows(), blocks(bf16)), x);
                    HeadResults results = pipeline.last().heads(y, GoldenSequence.heads(sequence.rows()))) {
                assertThat(y.dtype()).isEqualTo(Dtype.BF16);
                for (int row = 0; row < sequence.rows(); row++) {
                    if (sequence.margin(row) > 0.1) {
                        clear++;
                        agreed += results.texts().get(row).ids()[0] == sequence.topIds()[row * 10] ? 1 : 0;
                    }
                }
            }
        }
        assertThat(clear).isGreaterThan(100);
        assertThat(agreed).isGreaterThanOrEqualTo((int) Math.ceil(0.99 * clear));
    }

    private static Pipeline pipeline(String checkpoint, StageOptions options, int... split) {
        return new Pipeline(Checkpoint.open(Golden.path(checkpoint)), options, split);
    }

    private static void check(
            Pipeline pipeline, GoldenSequence sequence, String causalFormer, int[] blocks, int[] chunks) {
        try (Tensor input = sequence.embed(pipeline.first(), causalFormer)) {
            int start = 0;
            for (int length : chunks) {
                try (Tensor chunk = input.rows(start, start + length);
                        Tensor hidden = pipeline.forward(step(start, length, blocks), chunk);
                        HeadResults results = pipeline.last().heads(hidden, GoldenSequence.heads(length))) {
                    for (int row = 0; row < length; row++) {
                        sequence.check(results, row, start + row);
                    }
                }
                start += length;
            }
        }
    }

    private static StageStep step(int start, int length, int[] blocks) {
        return new StageStep(List.of(), List.of(new SequenceRows(start, length, blocks)));
    }

    private static int[] blocks(StageOptions options) {
        return IntStream.range(0, options.blocks()).toArray();
    }

    private static int[] shuffled(Random random, int blocks) {
        List<Integer> ids = new ArrayList<>(IntStream.range(0, blocks).boxed().toList());
        Collections.shuffle(ids, random);
        return ids.stream().mapToInt(Integer::intValue).toArray();
    }

    private static int[] chunks(Random random, int rows) {
        List<Integer> chunks = new ArrayList<>();
        for (int left = rows; left > 0; left -= chunks.get(chunks.size() - 1)) {
            chunks.add(Math.min(left, 1 + random.nextInt(random.nextBoolean() ? 3 : 40)));
        }
        return chunks.stream().mapToInt(Integer::intValue).toArray();
    }
}
