package io.dromaius.model.diffusion;

import io.dromaius.model.spec.PndmSpec;
import java.util.List;

/**
 * PNDM without Runge-Kutta warm-up, i.e. the pseudo linear multi-step method (arXiv 2202.09778, equations 9 and 12) in the
 * form of diffusers' {@code PNDMScheduler}: the noise of the last four calls, combined with Adams-Bashforth weights, moves
 * the sample down the schedule. A draw of n steps takes n + 1 calls of the UNet, as the second is a corrector of the first.
 *
 * <p>Only numbers: which timestep a call runs at and how its result enters the sample.
 */
public final class PndmScheduler {
    private static final List<List<Double>> ADAMS_BASHFORTH = List.of(
            List.of(),
            List.of(1.0),
            List.of(3 / 2.0, -1 / 2.0),
            List.of(23 / 12.0, -16 / 12.0, 5 / 12.0),
            List.of(55 / 24.0, -59 / 24.0, 37 / 24.0, -9 / 24.0));

    private final float[] alphasCumprod;
    private final float finalAlpha;
    private final int offset;

    public PndmScheduler(PndmSpec spec) {
        this.alphasCumprod = alphasCumprod(spec);
        this.finalAlpha = spec.endsClean() ? 1 : alphasCumprod[0];
        this.offset = spec.offset();
    }

    /** The largest number of steps a draw may take. */
    public int maxSteps() {
        int steps = alphasCumprod.length;
        while ((steps - 1) * (alphasCumprod.length / steps) + offset >= alphasCumprod.length) {
            steps--;
        }
        return steps;
    }

    /** The timestep of each call: descending, the second one twice. */
    public int[] timesteps(int steps) {
        if (steps < 1 || steps > maxSteps()) {
            throw new IllegalArgumentException("steps must be 1 to " + maxSteps() + ", not " + steps);
        }
        int[] timesteps = new int[steps == 1 ? 1 : steps + 1];
        for (int call = 0; call < timesteps.length; call++) {
            int step = call == 0 ? 0 : call - 1;
            timesteps[call] = (steps - 1 - (call == 1 ? 1 : step)) * stride(steps) + offset;
        }
        return timesteps;
    }

    /** Share of the picture in the variance of a noisy one at a timestep; before the first timestep, of a finished one. */
    public double alphaCumprod(int timestep) {
        return timestep < 0 ? finalAlpha : alphasCumprod[timestep];
    }

    /** How a call's noise enters the sample. */
    public PlmsStep step(int steps, int call) {
        int timestep = timesteps(steps)[call];
        boolean corrects = call == 1;
        // The corrector repeats the first step, from the first sample, with what the second call has learnt.
        int from = corrects ? timestep + stride(steps) : timestep;
        int to = from - stride(steps);
        double alpha = alphaCumprod(from);
        double next = alphaCumprod(to);
        double denominator = alpha * Math.sqrt(1 - next) + Math.sqrt(alpha * (1 - alpha) * next);
        List<Double> weights = corrects ? List.of(0.5, 0.5) : ADAMS_BASHFORTH.get(call == 0 ? 1 : Math.min(call, 4));
        return new PlmsStep(timestep, corrects, weights, Math.sqrt(next / alpha), -(next - alpha) / denominator, next);
    }

    private int stride(int steps) {
        return alphasCumprod.length / steps;
    }

    /** In fp32 where the original is: linspace from both ends, products accumulated in fp64. */
    private static float[] alphasCumprod(PndmSpec spec) {
        boolean scaled = spec.scaledBetas();
        int count = spec.trainSteps();
        float first = (float) (scaled ? Math.sqrt(spec.betaStart()) : spec.betaStart());
        float last = (float) (scaled ? Math.sqrt(spec.betaEnd()) : spec.betaEnd());
        float step = (last - first) / (count - 1);
        float[] products = new float[count];
        double product = 1;
        for (int i = 0; i < count; i++) {
            float beta = i < count / 2 ? first + step * i : last - step * (count - 1 - i);
            product *= 1 - (scaled ? beta * beta : beta);
            products[i] = (float) product;
        }
        return products;
    }
}
