package io.dromaius.model.llama;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.dromaius.model.Golden;
import io.dromaius.model.text.EmuTokenizer;
import io.dromaius.model.torch.Device;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.Tensor;
import io.dromaius.model.weights.Checkpoint;
import io.dromaius.model.weights.WeightSource;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/**
 * Candidate ranking: the prompt is computed once, its blocks are shared by all candidates, and all candidates run in one
 * step. A candidate's loss is the sum of its tokens' cross-entropies over the padded length, padding being per segment.
 */
class RankGoldenTest {
    private static final List<String> PICTURES = List.of("dog", "cat");
    private static final int BLOCK_SIZE = 16;
    private static final StageOptions OPTIONS = new StageOptions(Dtype.FP32, Device.CPU, 64, BLOCK_SIZE);

    @Test
    void lossesAndRanksAreTheReferences() throws IOException {
        int cases = 0;
        for (boolean instruct : new boolean[] {false, true}) {
            Checkpoint checkpoint = Checkpoint.open(Golden.path(instruct ? "emu-tiny-instruct" : "emu-tiny"));
            try (EmuTokenizer tokenizer = EmuTokenizer.open(checkpoint.tokenizer(), instruct);
                    Pipeline pipeline = new Pipeline(checkpoint, OPTIONS, 4, 6)) {
                for (JsonNode one : Golden.json("cases/predict/predict.json")) {
                    if (one.get("model").asText().equals(instruct ? "instruct" : "pretrain")) {
                        check(pipeline, tokenizer, one);
                        cases++;
                    }
                }
            }
        }
        assertThat(cases).isEqualTo(13);
    }

    private static void check(Pipeline pipeline, EmuTokenizer tokenizer, JsonNode one) {
        boolean batch = one.path("batch").asBoolean();
        boolean instruct = one.get("model").asText().equals("instruct");
        for (int i = 0; i < one.get("ranks").size(); i++) {
            List<int[]> candidates = new ArrayList<>();
            JsonNode texts = batch ? one.get("candidates").get(i) : one.get("candidates");
            texts.forEach(text -> candidates.add(tokenizer.encodeWithoutBos(text.asText())));
            double[] losses = losses(
                    pipeline,
                    tokenizer.encode((batch ? one.get("prompt").get(i) : one.get("prompt")).asText()),
                    picture(one.get("images").path(i).asText(), instruct),
                    candidates,
                    one.get("n_segments").asInt());
            assertThat(IntStream.range(0, losses.length)
                            .boxed()
                            .sorted(Comparator.comparingDouble(candidate -> losses[candidate]))
                            .mapToInt(Integer::intValue)
                            .toArray())
                    .containsExactly(Golden.ints(one.get("ranks").get(i)));
            for (int candidate = 0; candidate < one.path("losses").size(); candidate++) {
                assertThat(losses[candidate])
                        .isCloseTo(one.get("losses").get(candidate).asDouble(), Offset.offset(2e-5));
                assertThat(candidates.get(candidate))
                        .containsExactly(Golden.ints(one.get("candidate_ids").get(candidate)));
            }
        }
    }

    private static float[] picture(String name, boolean instruct) {
        if (name.isEmpty()) {
            return new float[0];
        }
        WeightSource vision = WeightSource.ofFile(Golden.path("cases/vision/vision.safetensors"));
        float[] both = GoldenSequence.floats(vision, instruct ? "instruct.cformer" : "cformer");
        int at = PICTURES.indexOf(name) * both.length / 2;
        return Arrays.copyOfRange(both, at, at + both.length / 2);
    }

    private static double[] losses(
            Pipeline pipeline, int[] prompt, float[] picture, List<int[]> candidates, int segments) {
        int[] table = IntStream.rangeClosed(0, prompt.length / BLOCK_SIZE).toArray();
        int[] firsts = candidates.stream().mapToInt(candidate -> candidate[0]).toArray();
        TextHead first = new TextHead(false, new int[0], 1, 0, false, false, new int[0], 0, false, 0, firsts);
        double[] sums = new double[candidates.size()];
        try (Tensor x = embed(pipeline, prompt, picture);
                Tensor y = pipeline.forward(
                        new StageStep(List.of(), List.of(new SequenceRows(0, prompt.length, table))), x);
                HeadResults results = pipeline.last().heads(y, List.of(new HeadRow.Text(prompt.length - 1, first)))) {
            for (int i = 0; i < sums.length; i++) {
                sums[i] = -results.texts().get(0).scored()[i];
            }
        }
        addRest(pipeline, prompt.length, table, candidates, sums);
        int base = sums.length / segments;
        for (int i = 0; i < sums.length; i++) {
            int segment = Math.min(i / base, segments - 1);
            int end = segment == segments - 1 ? sums.length : (segment + 1) * base;
            int padded = candidates.subList(segment * base, end).stream()
                    .mapToInt(candidate -> candidate.length)
                    .max()
                    .orElseThrow();
            sums[i] /= prompt.length + padded - 1;
        }
        return sums;
    }

    /** Runs all candidates after the shared prompt in one step and adds the losses of their later tokens. */
    private static void addRest(
            Pipeline pipeline, int start, int[] promptTable, List<int[]> candidates, double[] sums) {
        List<BlockCopy> copies = new ArrayList<>();
        List<SequenceRows> slices = new ArrayList<>();
        List<StageInput> inputs = new ArrayList<>();
        List<HeadRow> heads = new ArrayList<>();
        List<Integer> owners = new ArrayList<>();
        int next = promptTable.length;
        int row = 0;
        for (int i = 0; i < candidates.size(); i++) {
            int[] ids = candidates.get(i);
            int[] table = Arrays.copyOf(promptTable, promptTable.length + 1);
            table[promptTable.length - 1] = next++;
            table[promptTable.length] = next++;
            copies.add(new BlockCopy(promptTable[promptTable.length - 1], table[promptTable.length - 1]));
            slices.add(new SequenceRows(start, ids.length, table));
            inputs.add(new StageInput.Ids(ids));
            for (int t = 1; t < ids.length; t++) {
                heads.add(new HeadRow.Text(
                        row + t - 1,
                        new TextHead(
                                false, new int[0], 1, 0, false, false, new int[0], 0, false, 0, new int[] {ids[t]})));
                owners.add(i);
            }
            row += ids.length;
        }
        try (Tensor x = pipeline.first().embed(inputs, Optional.empty());
                Tensor y = pipeline.forward(new StageStep(copies, slices), x);
                HeadResults results = pipeline.last().heads(y, heads)) {
            for (int i = 0; i < owners.size(); i++) {
                sums[owners.get(i)] -= results.texts().get(i).scored()[0];
            }
        }
    }

    private static Tensor embed(Pipeline pipeline, int[] prompt, float[] picture) {
        List<StageInput> inputs = new ArrayList<>();
        for (int id : prompt) {
            inputs.add(id == 32003 ? new StageInput.Vectors(1) : new StageInput.Ids(id));
        }
        if (picture.length == 0) {
            return pipeline.first().embed(inputs, Optional.empty());
        }
        try (Tensor vectors = GoldenSequence.tensor(picture, picture.length / 64, 64)) {
            return pipeline.first().embed(inputs, Optional.of(vectors));
        }
    }
}
