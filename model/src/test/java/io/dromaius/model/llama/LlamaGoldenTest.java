package io.dromaius.model.llama;

import static org.assertj.core.api.Assertions.assertThat;

import io.dromaius.model.Golden;
import io.dromaius.model.spec.LayerRange;
import io.dromaius.model.torch.Device;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.Tensor;
import io.dromaius.model.weights.Checkpoint;
import io.dromaius.model.weights.WeightSource;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The language model against the reference's hidden states and logits, always through the paged cache. */
class LlamaGoldenTest {
    private static final int ROWS = 79;
    private static final float LAYER = 5e-5f;
    private static final float LOGITS = 2e-4f;
    private static final StageOptions FP32 = new StageOptions(Dtype.FP32, Device.CPU, 64, 16);

    @Test
    void everyLayerAloneGivesTheReferencesOutput() {
        Checkpoint checkpoint = Checkpoint.open(Golden.path("emu-tiny"));
        WeightSource cases = WeightSource.ofFile(Golden.path("cases/llm/llm_pretrain.safetensors"));
        for (int layer = 0; layer < 6; layer++) {
            try (LlamaStage stage = new LlamaStage(
                            checkpoint.spec().llama(), checkpoint.weights(), new LayerRange(layer, layer + 1), FP32);
                    Tensor input = rows(cases, layer == 0 ? "inputs_embeds" : "layer_" + (layer - 1) + "_out");
                    Tensor output = stage.forward(step(0, ROWS, blocks(5, FP32.blocks())), input)) {
                assertThat(output.floats())
                        .usingComparatorWithPrecision(LAYER)
                        .containsExactly(floats(cases, "layer_" + layer + "_out"));
            }
        }
    }

    @Test
    void anySplitAnyBlocksAndAnyChunksGiveTheReferencesLogits() {
        Random random = new Random(1);
        for (int[] split : new int[][] {{6}, {1, 6}, {3, 5, 6}, {1, 2, 3, 4, 5, 6}}) {
            for (int blockSize : new int[] {1, 3, 16, 100}) {
                StageOptions options = new StageOptions(Dtype.FP32, Device.CPU, 2 * ROWS / blockSize + 4, blockSize);
                int[] blocks = shuffled(random, options.blocks());
                checkPretrain(options, split, blocks, chunks(random));
            }
        }
    }

    @Test
    void oneRowAtATimeAgreesWithAllAtOnce() {
        int[] ones = IntStream.range(0, ROWS).map(i -> 1).toArray();
        checkPretrain(FP32, new int[] {2, 6}, blocks(7, FP32.blocks()), ones);
    }

    @Test
    void instructMergesItsAdapters() {
        Checkpoint checkpoint = Checkpoint.open(Golden.path("emu-tiny-instruct"));
        WeightSource pretrain = WeightSource.ofFile(Golden.path("cases/llm/llm_pretrain.safetensors"));
        WeightSource cases = WeightSource.ofFile(Golden.path("cases/llm/llm_instruct.safetensors"));
        assertThat(pretrain.names()).contains("inputs_embeds");
        long[] ids = longs(cases, "input_ids");
        // The instruct file has no inputs_embeds; rows before the first picture depend on ids alone.
        int known = firstPicture(ids);
        try (Pipeline pipeline = new Pipeline(checkpoint, FP32, 3, 6);
                Tensor input = pipeline.embedIds(
                        Arrays.stream(ids).limit(known).mapToInt(id -> (int) id).toArray());
                Tensor hidden = pipeline.forward(step(0, known, blocks(0, FP32.blocks())), input)) {
            checkHeads(pipeline.last(), hidden, 0, cases);
        }
    }

    private static void checkPretrain(StageOptions options, int[] split, int[] blocks, int[] chunks) {
        Checkpoint checkpoint = Checkpoint.open(Golden.path("emu-tiny"));
        WeightSource cases = WeightSource.ofFile(Golden.path("cases/llm/llm_pretrain.safetensors"));
        try (Pipeline pipeline = new Pipeline(checkpoint, options, split);
                Tensor input = rows(cases, "inputs_embeds")) {
            int start = 0;
            for (int length : chunks) {
                try (Tensor chunk = input.rows(start, start + length);
                        Tensor hidden = pipeline.forward(step(start, length, blocks), chunk)) {
                    checkHeads(pipeline.last(), hidden, start, cases);
                    if (cases.names().contains("layer_5_out")) {
                        assertThat(hidden.floats())
                                .usingComparatorWithPrecision(LAYER)
                                .containsExactly(Arrays.copyOfRange(
                                        floats(cases, "layer_5_out"), start * 64, (start + length) * 64));
                    }
                }
                start += length;
            }
        }
    }

    /** Compares what the heads say of rows [start, start + rows) of the case. */
    private static void checkHeads(LlamaStage last, Tensor hidden, int start, WeightSource cases) {
        int rows = (int) hidden.size(0);
        List<HeadRow> wanted = new ArrayList<>();
        IntStream.range(0, rows).forEach(row -> wanted.add(new HeadRow.Text(row, TextHead.best(10))));
        IntStream.range(0, rows).forEach(row -> wanted.add(new HeadRow.Regress(row)));
        long[] topIds = longs(cases, "logits_top10_ids");
        float[] topValues = floats(cases, "logits_top10_values");
        float[] logSumExp = floats(cases, "logits_logsumexp");
        float[] regress = floats(cases, "regress_head");
        try (HeadResults results = last.heads(hidden, wanted)) {
            for (int row = 0; row < rows; row++) {
                TextResult text = results.texts().get(row);
                int at = start + row;
                assertThat((long) text.ids()[0]).isEqualTo(topIds[at * 10]);
                for (int i = 0; i < 10; i++) {
                    assertThat(text.scores()[i]).isCloseTo(topValues[at * 10 + i], within(LOGITS));
                    assertThat(text.idLogprobs()[i]).isCloseTo(topValues[at * 10 + i] - logSumExp[at], within(LOGITS));
                }
            }
            assertThat(results.vectors().orElseThrow().floats())
                    .usingComparatorWithPrecision(LAYER)
                    .containsExactly(Arrays.copyOfRange(regress, start * 64, (start + rows) * 64));
        }
    }

    private static org.assertj.core.data.Offset<Float> within(float tolerance) {
        return org.assertj.core.data.Offset.offset(tolerance);
    }

    private static StageStep step(int start, int length, int[] blocks) {
        return new StageStep(List.of(), List.of(new SequenceRows(start, length, blocks)));
    }

    private static int[] blocks(int first, int end) {
        return IntStream.range(first, end).toArray();
    }

    private static int[] shuffled(Random random, int blocks) {
        List<Integer> ids = new ArrayList<>(IntStream.range(0, blocks).boxed().toList());
        java.util.Collections.shuffle(ids, random);
        return ids.stream().mapToInt(Integer::intValue).toArray();
    }

    private static int[] chunks(Random random) {
        List<Integer> chunks = new ArrayList<>();
        for (int left = ROWS; left > 0; left -= chunks.get(chunks.size() - 1)) {
            chunks.add(Math.min(left, 1 + random.nextInt(random.nextBoolean() ? 3 : 40)));
        }
        return chunks.stream().mapToInt(Integer::intValue).toArray();
    }

    private static int firstPicture(long[] ids) {
        return IntStream.range(0, ids.length)
                .filter(i -> ids[i] == 32003)
                .findFirst()
                .orElseThrow();
    }

    /** A [1, rows, d] tensor of a case as [rows, d], in memory of its own. */
    private static Tensor rows(WeightSource cases, String name) {
        float[] values = floats(cases, name);
        ByteBuffer memory = ByteBuffer.allocateDirect(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
        memory.asFloatBuffer().put(values);
        return Tensor.wrap(Dtype.FP32, new long[] {ROWS, values.length / ROWS}, memory);
    }

    private static float[] floats(WeightSource cases, String name) {
        try (Tensor tensor = cases.tensor(name, Dtype.FP32)) {
            return tensor.floats();
        }
    }

    private static long[] longs(WeightSource cases, String name) {
        try (Tensor tensor = cases.tensor(name, Dtype.INT64)) {
            return tensor.longs();
        }
    }
}
