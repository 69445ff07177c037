package io.dromaius.cli.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import io.dromaius.model.llama.TextHead;
import io.dromaius.model.llama.TextResult;
import io.dromaius.model.sampling.Draw;
import io.dromaius.model.sampling.Sampler;
import java.util.Arrays;

/** {@code cases/generate/logits_processors.json}: what penalties, bans and filters make of given scores. */
final class ProcessorsStage implements Stage {
    private static final int[] NONE = {};

    private final GoldenSet set;

    ProcessorsStage(GoldenSet set) {
        this.set = set;
    }

    @Override
    public String name() {
        return "logits processors";
    }

    @Override
    public void run(Tally tally) {
        JsonNode json = set.json("generate/logits_processors.json");
        for (JsonNode one : json.get("cases")) {
            String processor = one.get("processor").asText();
            tally.expect(1);
            tally.run(processor, findings -> {
                for (int row = 0; row < json.get("scores").size(); row++) {
                    check(
                            processor,
                            Json.floats(json.get("scores").get(row)),
                            Json.ints(json.get("input_ids").get(row)).stream()
                                    .mapToInt(Integer::intValue)
                                    .toArray(),
                            Json.floats(one.get("output").get(row)),
                            findings);
                }
            });
        }
    }

    private static void check(String processor, float[] scores, int[] ids, float[] expected, Findings findings) {
        int equals = processor.indexOf('=');
        String name = processor.substring(0, equals);
        double value = Double.parseDouble(processor.substring(equals + 1));
        switch (name) {
            case "repetition_penalty" -> processed(scores, head(ids, value, 0, false), expected, findings);
            case "no_repeat_ngram_size" -> processed(scores, head(ids, 1, (int) value, false), expected, findings);
            case "min_length" -> processed(scores, head(ids, 1, 0, ids.length < (int) value), expected, findings);
            case "temperature" -> filtered(scores, new Draw(value, 0, 1, 0, 0, 0), expected, findings);
            case "top_k" -> filtered(scores, new Draw(1, (int) value, 1, 0, 0, 0), expected, findings);
            case "top_p" -> filtered(scores, new Draw(1, 0, value, 0, 0, 0), expected, findings);
            default -> findings.fail("nothing is known of such a processor");
        }
    }

    private static TextHead head(int[] history, double penalty, int ngram, boolean barEnd) {
        return new TextHead(false, history, penalty, ngram, barEnd, false, NONE, Integer.MAX_VALUE, false, 0, NONE);
    }

    private static void processed(float[] scores, TextHead head, float[] expected, Findings findings) {
        try (GivenLogits given = new GivenLogits(scores)) {
            TextResult result = given.read(head);
            float[] actual = new float[expected.length];
            for (int i = 0; i < result.ids().length; i++) {
                actual[result.ids()[i]] = result.scores()[i];
            }
            findings.close("scores", expected, actual, Tolerances.PROCESSED_SCORES);
        }
    }

    /** The sampler's probabilities against the softmax of the expected scores. */
    private static void filtered(float[] scores, Draw draw, float[] expected, Findings findings) {
        Integer[] order = new Integer[scores.length];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, (a, b) -> Float.compare(scores[b], scores[a]));
        float[] sorted = new float[scores.length];
        for (int i = 0; i < sorted.length; i++) {
            sorted[i] = scores[order[i]];
        }
        double[] kept = Sampler.probabilities(draw, sorted);
        double[] actual = new double[scores.length];
        for (int i = 0; i < kept.length; i++) {
            actual[order[i]] = kept[i];
        }
        double[] wanted = softmax(expected);
        for (int i = 0; i < wanted.length; i++) {
            findings.equal("whether id " + i + " is kept", wanted[i] > 0, actual[i] > 0);
            findings.close("probability of id " + i, wanted[i], actual[i], Tolerances.PROCESSED_SCORES);
        }
    }

    private static double[] softmax(float[] scores) {
        double total = 0;
        double[] weights = new double[scores.length];
        for (int i = 0; i < scores.length; i++) {
            weights[i] = Math.exp(scores[i]);
            total += weights[i];
        }
        for (int i = 0; i < weights.length; i++) {
            weights[i] /= total;
        }
        return weights;
    }
}
