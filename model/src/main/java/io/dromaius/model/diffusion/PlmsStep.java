package io.dromaius.model.diffusion;

import java.util.List;

/**
 * One call of a draw: {@code sample' = sampleFactor * sample + noiseFactor * sum(weights[i] * noise[i])}, where noise[0] is
 * what the UNet has just predicted and noise[1], noise[2], ... are the remembered ones, newest first.
 *
 * @param timestep what the UNet is told
 * @param corrects the call redoes the first step: {@code sample} is the draw's first one, and its noise is not remembered
 * @param alpha cumulative alpha of the new sample
 */
record PlmsStep(
        int timestep, boolean corrects, List<Double> weights, double sampleFactor, double noiseFactor, double alpha) {
    PlmsStep {
        weights = List.copyOf(weights);
    }
}
