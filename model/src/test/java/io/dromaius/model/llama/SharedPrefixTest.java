package io.dromaius.model.llama;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Which neighbours of a step count as sharing a prefix. */
final class SharedPrefixTest {
    private static final int BLOCK_SIZE = 4;

    @Test
    void neighboursShareTheWholeBlocksThatNoneOfThemWrites() {
        // Position 12 is the first of the fourth block.
        List<SharedPrefix> found = in(2, 2, row(12, 1, 2, 3, 7), row(12, 1, 2, 3, 8), row(12, 1, 2, 4, 9));

        assertThat(found).hasSize(1);
        assertThat(found.get(0).first()).isZero();
        assertThat(found.get(0).end()).isEqualTo(3);
        assertThat(found.get(0).blocks()).containsExactly(1, 2);
        assertThat(in(2, 2, row(11, 1, 2, 3), row(11, 1, 2, 3)).get(0).blocks()).containsExactly(1, 2);
    }

    @Test
    void eachGroupOfNeighboursHasItsOwn() {
        List<SharedPrefix> found = in(
                1, 2, row(4, 1, 5), row(4, 1, 6), row(9, 0, 3, 4), row(8, 2, 3, 7), row(8, 2, 3, 8), row(8, 2, 3, 9));

        assertThat(found).extracting(SharedPrefix::first).containsExactly(0, 3);
        assertThat(found).extracting(SharedPrefix::rows).containsExactly(2, 3);
    }

    @Test
    void fewBlocksOrFewSequencesDoNotCount() {
        assertThat(in(3, 2, row(12, 1, 2, 3, 7), row(12, 1, 2, 4, 8))).isEmpty();
        assertThat(in(2, 3, row(12, 1, 2, 3, 7), row(12, 1, 2, 3, 8))).isEmpty();
        assertThat(in(0, 2, row(2, 1), row(2, 1))).as("no block is whole").isEmpty();
    }

    @Test
    void otherPositionsAndSeveralRowsDoNotCount() {
        assertThat(in(1, 2, row(12, 1, 2, 3, 7), row(13, 1, 2, 3, 8))).isEmpty();
        assertThat(in(1, 2, new SequenceRows(12, 2, new int[] {1, 2, 3, 7}), new SequenceRows(12, 2, new int[] {
                    1, 2, 3, 8
                })))
                .isEmpty();
    }

    private static List<SharedPrefix> in(int leastBlocks, int leastRows, SequenceRows... sequences) {
        return SharedPrefix.in(List.of(sequences), BLOCK_SIZE, leastBlocks, leastRows);
    }

    private static SequenceRows row(int position, int... blocks) {
        return new SequenceRows(position, 1, blocks);
    }
}
