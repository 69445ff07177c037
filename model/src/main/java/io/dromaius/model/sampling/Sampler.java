package io.dromaius.model.sampling;

import java.util.Arrays;

/**
 * Temperature, then top-k, then top-p, then a draw, over scores that are already sorted, best first. Each filter keeps a prefix of them.
 *
 * <p>The scores (logits or log-probabilities, {@code -Infinity} for what is barred) must be all that the filters can keep: the whole
 * row, or, with top-k, the best k and whatever ties with the last of them. Sort ties by the lower id, so that every draw is determined.
 *
 * <p>Source: {@code TemperatureLogitsWarper}, {@code TopKLogitsWarper} and {@code TopPLogitsWarper} of transformers, mid-2023, and a
 * multinomial draw from their softmax; sums are in double.
 */
public final class Sampler {

    private Sampler() {}

    /**
     * The index into {@code sorted} of the token drawn.
     *
     * @throws IllegalArgumentException when no score is above {@code -Infinity}, or the best is not a number
     */
    public static int draw(Draw draw, float[] sorted) {
        double[] weights = weights(draw, sorted);
        double total = sum(weights);
        double target = CounterRandom.uniform(draw.seed(), draw.candidate(), draw.position()) * total;
        double cumulative = 0;
        int last = 0;
        for (int i = 0; i < weights.length; i++) {
            if (weights[i] > 0) {
                last = i;
                cumulative += weights[i];
                if (cumulative > target) {
                    return i;
                }
            }
        }
        // Only rounding of the product above brings us here.
        return last;
    }

    /** The probabilities of what the filters keep, a prefix of {@code sorted}; they sum to 1. */
    public static double[] probabilities(Draw draw, float[] sorted) {
        double[] weights = weights(draw, sorted);
        double total = sum(weights);
        for (int i = 0; i < weights.length; i++) {
            weights[i] /= total;
        }
        return weights;
    }

    /** Unnormalised probabilities of the kept prefix, the best being 1. */
    private static double[] weights(Draw draw, float[] sorted) {
        if (sorted.length == 0 || Float.isNaN(sorted[0]) || Float.isInfinite(sorted[0])) {
            throw new IllegalArgumentException("nothing to draw from: " + sorted.length + " scores"
                    + (sorted.length == 0 ? "" : ", the best " + sorted[0]));
        }
        double[] weights = new double[keptByTopK(draw.topK(), sorted)];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = Math.exp((sorted[i] - (double) sorted[0]) / draw.temperature());
        }
        int kept = keptByTopP(draw.topP(), weights);
        return kept == weights.length ? weights : Arrays.copyOf(weights, kept);
    }

    private static int keptByTopK(int topK, float[] sorted) {
        if (topK == 0 || topK >= sorted.length) {
            return sorted.length;
        }
        int kept = topK;
        while (kept < sorted.length && sorted[kept] == sorted[topK - 1]) {
            kept++;
        }
        return kept;
    }

    /** A score stays while those better than it do not yet reach {@code topP} of the sum. */
    private static int keptByTopP(double topP, double[] weights) {
        if (topP == 1) {
            return weights.length;
        }
        double reached = topP * sum(weights);
        double better = 0;
        int kept = 0;
        while (kept < weights.length && better < reached) {
            better += weights[kept++];
        }
        return kept;
    }

    private static double sum(double[] weights) {
        double sum = 0;
        for (double weight : weights) {
            sum += weight;
        }
        return sum;
    }
}
