package io.dromaius.model.llama;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.dromaius.model.Golden;
import io.dromaius.model.torch.ScriptModule;
import io.dromaius.model.torch.Tensor;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** The logits processors against the reference's, and the order of candidates. */
class HeadsGoldenTest {
    private static final Offset<Float> EXACT = Offset.offset(1e-6f);

    @Test
    void processorsGiveTheReferencesScores() {
        JsonNode golden = Golden.json("cases/generate/logits_processors.json");
        int cases = 0;
        for (JsonNode one : golden.get("cases")) {
            String[] setting = one.get("processor").asText().split("=", 2);
            double value = Double.parseDouble(setting[1]);
            for (int row = 0; row < golden.get("input_ids").size(); row++) {
                int[] history = Golden.ints(golden.get("input_ids").get(row));
                TextHead head =
                        switch (setting[0]) {
                            case "repetition_penalty" -> head(history, value, 0, false);
                            case "no_repeat_ngram_size" -> head(history, 1, (int) value, false);
                            case "min_length" -> head(history, 1, 0, history.length < value);
                            default -> null;
                        };
                if (head != null) {
                    float[] scores = process(floats(golden.get("scores").get(row)), head);
                    float[] expected = floats(one.get("output").get(row));
                    for (int id = 0; id < expected.length; id++) {
                        if (Float.isInfinite(expected[id])) {
                            assertThat(scores[id]).isEqualTo(Float.NEGATIVE_INFINITY);
                        } else {
                            assertThat(scores[id]).isCloseTo(expected[id], EXACT);
                        }
                    }
                    cases++;
                }
            }
        }
        assertThat(cases).isEqualTo(2 * 7);
    }

    @Test
    void allowedIdsComeAfterTheOtherProcessors() {
        TextHead head =
                new TextHead(false, new int[] {1, 3}, 2, 0, true, true, new int[] {0, 2, 3}, 9, false, 0, new int[0]);
        assertThat(process(new float[] {5, 6, 7, 8}, head))
                .containsExactly(5, Float.NEGATIVE_INFINITY, Float.NEGATIVE_INFINITY, 4);
    }

    @Test
    void nothingAllowedLeavesNothing() {
        TextHead head = new TextHead(true, new int[0], 1, 0, false, true, new int[0], 9, false, 0, new int[0]);
        assertThat(process(new float[] {5, 6}, head)).containsExactly(Float.NEGATIVE_INFINITY, Float.NEGATIVE_INFINITY);
    }

    @Test
    void equalScoresComeInTheOrderOfTheirIds() {
        float[] scores = {3, 7, 3, 7, 1, 3};
        assertThat(select(scores, false, 1)).containsExactly(1);
        assertThat(select(scores, false, 3)).containsExactly(1, 3, 0);
        assertThat(select(scores, true, 3)).containsExactly(1, 3, 0, 2, 5);
        assertThat(select(scores, false, 99)).containsExactly(1, 3, 0, 2, 5, 4);
        assertThat(select(scores, false, 0)).isEmpty();
    }

    @Test
    void logProbabilitiesAreThoseOfTheUnprocessedDistribution() {
        TextHead head =
                new TextHead(true, new int[] {0}, 2, 0, false, false, new int[0], 1, false, 2, new int[] {1, 0});
        try (ScriptModule script = ScriptModule.load("heads", "Heads", Map.of("eps", 1e-6, "filled", 0));
                Tensor logits = Tensor.of(new float[] {0, 0}, 1, 2);
                Tensor logprobs = Tensor.of(new float[] {-0.1f, -2.4f}, 1, 2)) {
            List<Tensor> found = call(script, logits, logprobs, head);
            assertThat(found.get(0).longs()).containsExactly(0);
            // score of the candidate, its log-probability, the two best, those asked for
            assertThat(found.get(1).floats()).containsExactly(-0.2f, -0.1f, -0.1f, -2.4f, -2.4f, -0.1f);
            assertThat(found.get(2).longs()).containsExactly(0, 1);
            found.forEach(Tensor::close);
        }
    }

    private static TextHead head(int[] history, double penalty, int ngram, boolean barEnd) {
        return new TextHead(false, history, penalty, ngram, barEnd, false, new int[0], 99, false, 0, new int[0]);
    }

    /** Processed scores by id. */
    private static float[] process(float[] scores, TextHead head) {
        try (ScriptModule script = ScriptModule.load("heads", "Heads", Map.of("eps", 1e-6, "filled", 0));
                Tensor row = Tensor.of(scores, 1, scores.length)) {
            List<Tensor> found = call(script, row, row, head);
            long[] ids = found.get(0).longs();
            float[] values = found.get(1).floats();
            found.forEach(Tensor::close);
            float[] byId = new float[scores.length];
            for (int i = 0; i < ids.length; i++) {
                byId[(int) ids[i]] = values[i];
            }
            return byId;
        }
    }

    private static long[] select(float[] scores, boolean ties, int k) {
        try (ScriptModule script = ScriptModule.load("heads", "Heads", Map.of("eps", 1e-6, "filled", 0));
                Tensor row = Tensor.of(scores, 1, scores.length)) {
            TextHead head = new TextHead(false, new int[0], 1, 0, false, false, new int[0], k, ties, 0, new int[0]);
            List<Tensor> found = call(script, row, row, head);
            long[] ids = found.get(0).longs();
            found.forEach(Tensor::close);
            return ids;
        }
    }

    private static List<Tensor> call(ScriptModule script, Tensor logits, Tensor logprobs, TextHead head) {
        return script.tensors(
                "select",
                logits,
                logprobs,
                0,
                head.onLogProbabilities(),
                head.penalised(),
                head.repetitionPenalty(),
                head.banned(),
                head.constrained(),
                head.allowedIds(),
                head.candidates(),
                head.ties(),
                head.logprobs(),
                head.scoreIds());
    }

    /** null stands for minus infinity. */
    private static float[] floats(JsonNode array) {
        double[] values = StreamSupport.stream(array.spliterator(), false)
                .mapToDouble(node -> node.isNull() ? Double.NEGATIVE_INFINITY : node.asDouble())
                .toArray();
        float[] floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }
}
