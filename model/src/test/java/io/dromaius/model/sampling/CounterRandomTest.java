package io.dromaius.model.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CounterRandomTest {

    /** The vectors that the authors publish with their code. */
    @Test
    void philoxMeetsItsKnownAnswers() {
        assertThat(philox(0, 0, 0, 0, 0)).containsExactly(0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8);
        assertThat(philox(-1, -1, -1, -1, -1)).containsExactly(0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd);
        assertThat(philox(0x299f31d0_a4093822L, 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344))
                .containsExactly(0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1);
    }

    @Test
    void seedCandidateAndPositionEachChangeTheNumber() {
        Set<Double> seen = new HashSet<>();
        for (long seed = 0; seed < 10; seed++) {
            for (int candidate = 0; candidate < 10; candidate++) {
                for (int position = 0; position < 100; position++) {
                    double number = CounterRandom.uniform(seed, candidate, position);
                    assertThat(number).isBetween(0.0, Math.nextDown(1.0));
                    seen.add(number);
                }
            }
        }
        assertThat(seen).hasSize(10_000);
    }

    @Test
    void normalsHaveTheMomentsOfANormal() {
        float[] normals = CounterRandom.normals(42, 100_000);
        double mean = 0;
        double square = 0;
        double fourth = 0;
        double neighbours = 0;
        for (int i = 0; i < normals.length; i++) {
            double x = normals[i];
            mean += x;
            square += x * x;
            fourth += x * x * x * x;
            neighbours += i == 0 ? 0 : x * normals[i - 1];
        }
        int n = normals.length;
        assertThat(mean / n).isCloseTo(0, within(0.015));
        assertThat(square / n).isCloseTo(1, within(0.02));
        assertThat(fourth / n).isCloseTo(3, within(0.15));
        assertThat(neighbours / n).isCloseTo(0, within(0.015));
    }

    @Test
    void fewerNormalsAreAPrefixOfMore() {
        assertThat(CounterRandom.normals(5, 7)).isEqualTo(Arrays.copyOf(CounterRandom.normals(5, 100), 7));
    }

    private static int[] philox(long key, int... counter) {
        Philox.encrypt(key, counter);
        return counter;
    }
}
