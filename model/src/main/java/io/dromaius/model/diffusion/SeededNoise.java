package io.dromaius.model.diffusion;

import java.nio.FloatBuffer;

/**
 * Standard normal noise as a function of (seed, element): the same on every machine and whatever else is drawn beside it.
 * Uniforms come from the SplitMix64 finaliser over a counter, normals from them by Box and Muller.
 */
public final class SeededNoise {
    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

    private SeededNoise() {}

    /** Fills the buffer from its position to its limit. */
    public static void fill(long seed, FloatBuffer out) {
        long key = mix(seed + GOLDEN_GAMMA);
        long pair = 0;
        while (out.hasRemaining()) {
            // StrictMath: the last bit of Math.log and Math.cos differs between machines.
            double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - uniform(key, 2 * pair)));
            double angle = 2 * Math.PI * uniform(key, 2 * pair + 1);
            out.put((float) (radius * StrictMath.cos(angle)));
            if (out.hasRemaining()) {
                out.put((float) (radius * StrictMath.sin(angle)));
            }
            pair++;
        }
    }

    /** In [0, 1). */
    private static double uniform(long key, long counter) {
        return (mix(key + (counter + 1) * GOLDEN_GAMMA) >>> 11) * 0x1p-53;
    }

    private static long mix(long value) {
        long z = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
