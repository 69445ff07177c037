package io.dromaius.coordinator.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Figures of the reference's own predict, for a prompt of 38 tokens and candidates of 2, 2, 8, 2 and 7. */
final class RankLossesTest {
    private static final List<Integer> LENGTHS = List.of(2, 2, 8, 2, 7);
    private static final double[] ONE_SEGMENT = {
        0.8877547383308411, 0.6885173320770264, 2.696362018585205, 0.7445339560508728, 2.4820361137390137
    };
    private static final double[] TWO_SEGMENTS = {
        1.0243324041366577, 0.7944430708885193, 2.696362018585205, 0.7445339560508728, 2.4820361137390137
    };

    @Test
    void candidatesArePaddedToTheLongestOfTheirSegment() {
        RankLosses one = RankLosses.of(38, logprobs(), 1);
        RankLosses two = RankLosses.of(38, logprobs(), 2);

        for (int i = 0; i < 5; i++) {
            assertThat(one.losses().get(i).doubleValue()).isCloseTo(ONE_SEGMENT[i], within(2e-6));
            assertThat(two.losses().get(i).doubleValue()).isCloseTo(TWO_SEGMENTS[i], within(2e-6));
        }
        assertThat(one.ranks()).containsExactly(1, 3, 0, 4, 2);
        assertThat(two.ranks()).as("segments change ranks").containsExactly(3, 1, 0, 4, 2);
    }

    @Test
    void theLastSegmentHasTheRest() {
        assertThat(RankLosses.of(38, logprobs(), 3).losses())
                .isEqualTo(RankLosses.of(38, logprobs(), 2).losses());
        assertThat(RankLosses.of(38, logprobs(), 5).losses().get(3))
                .isGreaterThan(RankLosses.of(38, logprobs(), 2).losses().get(3));
    }

    @Test
    void tiesKeepTheOrderOfTheRequest() {
        List<Float> same = List.of(-1f, -2f);

        assertThat(RankLosses.of(5, List.of(same, same, same), 1).ranks()).containsExactly(0, 1, 2);
    }

    /** Log-probabilities whose sums are those behind the reference's losses, spread over the tokens. */
    private static List<List<Float>> logprobs() {
        return java.util.stream.IntStream.range(0, 5)
                .mapToObj(i -> {
                    int length = LENGTHS.get(i);
                    float each = (float) (-ONE_SEGMENT[i] * (38 + 8 - 1) / length);
                    return java.util.Collections.nCopies(length, each);
                })
                .toList();
    }
}
