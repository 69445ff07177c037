package io.dromaius.model.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.dromaius.model.Golden;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SamplerTest {

    @ParameterizedTest
    @CsvSource({"1.0, 0, 1.0", "0.7, 0, 1.0", "1.0, 5, 1.0", "1.0, 0, 0.8", "1.3, 12, 0.9"})
    void drawsFollowTheFilteredDistribution(double temperature, int topK, double topP) {
        float[] scores = descending(new Random(3), 40);
        double[] expected = bruteForce(scores, temperature, topK, topP);
        int draws = 100_000;
        int[] counts = new int[scores.length];
        for (int position = 0; position < draws; position++) {
            counts[Sampler.draw(new Draw(temperature, topK, topP, 99, position % 3, position), scores)]++;
        }
        double statistic = 0;
        int cells = 0;
        double restExpected = 0;
        double restCount = 0;
        for (int i = 0; i < scores.length; i++) {
            if (expected[i] == 0) {
                assertThat(counts[i]).isZero();
            } else if (expected[i] * draws >= 10) {
                statistic += square(counts[i] - expected[i] * draws) / (expected[i] * draws);
                cells++;
            } else {
                restExpected += expected[i] * draws;
                restCount += counts[i];
            }
        }
        if (restExpected > 0) {
            statistic += square(restCount - restExpected) / restExpected;
            cells++;
        }
        assertThat(statistic).isLessThan(chiSquareLimit(cells - 1));
    }

    @Test
    void probabilitiesAreThoseOfTheFilterApplied() {
        Random random = new Random(17);
        for (int round = 0; round < 500; round++) {
            float[] scores = descending(random, 1 + random.nextInt(30));
            double temperature = 0.3 + random.nextDouble() * 2;
            int topK = random.nextInt(10);
            double topP = random.nextBoolean() ? 1 : 0.05 + 0.9 * random.nextDouble();
            double[] kept = Sampler.probabilities(new Draw(temperature, topK, topP, 0, 0, 0), scores);
            assertThat(Arrays.copyOf(kept, scores.length))
                    .containsExactly(bruteForce(scores, temperature, topK, topP), within(1e-12));
        }
    }

    @Test
    void tiesWithTheLastOfTopKAreKept() {
        float[] scores = {3, 2, 2, 2, 1};
        assertThat(Sampler.probabilities(new Draw(1, 2, 1, 0, 0, 0), scores)).hasSize(4);
    }

    @Test
    void barredTokensAreNeverDrawn() {
        float[] scores = {0.5f, 0.1f, Float.NEGATIVE_INFINITY, Float.NEGATIVE_INFINITY};
        for (int position = 0; position < 10_000; position++) {
            assertThat(Sampler.draw(new Draw(5, 0, 1, 4, 0, position), scores)).isLessThan(2);
        }
        assertThatThrownBy(() -> Sampler.draw(new Draw(1, 0, 1, 4, 0, 0), new float[] {Float.NEGATIVE_INFINITY}))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aTinyTemperatureIsGreedy() {
        float[] scores = {1.001f, 1.0f, 0.5f};
        assertThat(Sampler.draw(new Draw(1e-6, 0, 1, 4, 0, 0), scores)).isZero();
    }

    @Test
    void nonsenseIsRefused() {
        assertThatThrownBy(() -> new Draw(0, 0, 1, 0, 0, 0)).hasMessageContaining("temperature");
        assertThatThrownBy(() -> new Draw(Double.NaN, 0, 1, 0, 0, 0)).hasMessageContaining("temperature");
        assertThatThrownBy(() -> new Draw(1, -1, 1, 0, 0, 0)).hasMessageContaining("topK");
        assertThatThrownBy(() -> new Draw(1, 0, 0, 0, 0, 0)).hasMessageContaining("topP");
    }

    /** What the filters keep, and how temperature scales, is what the reference's library stored. */
    @Test
    void filtersAreTheReferences() {
        JsonNode golden = Golden.json("cases/generate/logits_processors.json");
        int checked = 0;
        for (JsonNode one : golden.get("cases")) {
            String[] processor = one.get("processor").textValue().split("=", 2);
            double value = Double.parseDouble(processor[1]);
            Draw draw =
                    switch (processor[0]) {
                        case "temperature" -> new Draw(value, 0, 1, 0, 0, 0);
                        case "top_k" -> new Draw(1, (int) value, 1, 0, 0, 0);
                        case "top_p" -> new Draw(1, 0, value, 0, 0, 0);
                        default -> null;
                    };
            if (draw == null) {
                continue;
            }
            for (int row = 0; row < golden.get("scores").size(); row++) {
                assertSameDistribution(
                        draw, golden.get("scores").get(row), one.get("output").get(row));
                checked++;
            }
        }
        assertThat(checked).isEqualTo(8);
    }

    private static void assertSameDistribution(Draw draw, JsonNode scores, JsonNode warped) {
        int[] order = IntStream.range(0, scores.size())
                .boxed()
                .sorted((a, b) -> Double.compare(
                        scores.get(b).doubleValue(), scores.get(a).doubleValue()))
                .mapToInt(Integer::intValue)
                .toArray();
        float[] sorted = new float[order.length];
        double[] expected = new double[order.length];
        double total = 0;
        for (int i = 0; i < order.length; i++) {
            sorted[i] = scores.get(order[i]).floatValue();
            JsonNode score = warped.get(order[i]);
            expected[i] = score.isNull() ? 0 : Math.exp(score.doubleValue());
            total += expected[i];
        }
        for (int i = 0; i < order.length; i++) {
            expected[i] /= total;
        }
        assertThat(Arrays.copyOf(Sampler.probabilities(draw, sorted), order.length))
                .containsExactly(expected, within(1e-6));
    }

    /** The library's definition: from the worst up, whatever sums to no more than 1 - topP goes. */
    private static double[] bruteForce(float[] scores, double temperature, int topK, double topP) {
        double[] probabilities = new double[scores.length];
        for (int i = 0; i < scores.length; i++) {
            boolean kept = topK == 0 || topK >= scores.length || scores[i] >= scores[topK - 1];
            probabilities[i] = kept ? Math.exp(scores[i] / temperature) : 0;
        }
        normalise(probabilities);
        if (topP < 1) {
            double worse = 0;
            for (int i = scores.length - 1; i > 0; i--) {
                worse += probabilities[i];
                if (worse > 1 - topP) {
                    break;
                }
                probabilities[i] = 0;
            }
            normalise(probabilities);
        }
        return probabilities;
    }

    private static void normalise(double[] weights) {
        double total = Arrays.stream(weights).sum();
        for (int i = 0; i < weights.length; i++) {
            weights[i] /= total;
        }
    }

    private static float[] descending(Random random, int count) {
        float[] scores = new float[count];
        for (int i = 0; i < count; i++) {
            scores[i] = (float) -random.nextGaussian() * 2;
        }
        Arrays.sort(scores);
        for (int i = 0; i < count / 2; i++) {
            float swapped = scores[i];
            scores[i] = scores[count - 1 - i];
            scores[count - 1 - i] = swapped;
        }
        return scores;
    }

    private static double square(double x) {
        return x * x;
    }

    /** Wilson and Hilferty's approximation of the limit exceeded once in 10,000 times. */
    private static double chiSquareLimit(int freedom) {
        double spread = 2.0 / (9 * freedom);
        return freedom * Math.pow(1 - spread + 3.719 * Math.sqrt(spread), 3);
    }
}
