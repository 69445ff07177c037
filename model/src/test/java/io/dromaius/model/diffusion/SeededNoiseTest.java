package io.dromaius.model.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.FloatBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class SeededNoiseTest {
    @Test
    void isAFunctionOfSeedAndElement() {
        assertThat(noise(7, 64)).containsExactly(noise(7, 64)).startsWith(noise(7, 33));
        assertThat(noise(7, 64)).isNotEqualTo(noise(8, 64));
    }

    @Test
    void isStandardNormal() {
        float[] noise = noise(1234, 200_000);
        double mean = mean(noise, 1);

        assertThat(mean).isCloseTo(0, within(0.01));
        assertThat(mean(noise, 2)).isCloseTo(1, within(0.015));
        assertThat(mean(noise, 3)).isCloseTo(0, within(0.03));
        assertThat(mean(noise, 4)).isCloseTo(3, within(0.1));
    }

    @Test
    void neighbouringElementsAndSeedsAreUncorrelated() {
        float[] a = noise(1, 100_000);
        float[] b = noise(2, 100_000);
        double neighbours = 0;
        double seeds = 0;
        for (int i = 0; i + 1 < a.length; i++) {
            neighbours += a[i] * a[i + 1];
            seeds += a[i] * b[i];
        }
        assertThat(neighbours / a.length).isCloseTo(0, within(0.015));
        assertThat(seeds / a.length).isCloseTo(0, within(0.015));
    }

    private static float[] noise(long seed, int count) {
        FloatBuffer out = FloatBuffer.allocate(count);
        SeededNoise.fill(seed, out);
        return Arrays.copyOf(out.array(), count);
    }

    private static double mean(float[] values, int power) {
        double sum = 0;
        for (float value : values) {
            sum += Math.pow(value, power);
        }
        return sum / values.length;
    }
}
