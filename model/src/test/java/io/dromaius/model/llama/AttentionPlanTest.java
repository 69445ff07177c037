package io.dromaius.model.llama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is grouped and joined, each row reads each slot of what came before it, once. */
final class AttentionPlanTest {
    private static final int BLOCK_SIZE = 4;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void eachRowReadsWhatCameBeforeItOnce(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 50; round++) {
            List<SequenceRows> step = step(random);
            AttentionPlan plan = new AttentionPlan(step, BLOCK_SIZE);
            assertThat(read(plan.reads())).isEqualTo(expected(step, true));
            assertThat(read(quadruples(plan.runs()))).isEqualTo(expected(step, false));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void tilesReadWhatCameBeforeThemOnce(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 50; round++) {
            RowTiles cut = new RowTiles(1 + random.nextInt(6), 4 + random.nextInt(9), random.nextBoolean());
            List<SequenceRows> tiles =
                    cut.cut(new StageStep(List.of(), step(random))).sequences();
            AttentionPlan plan = new AttentionPlan(tiles, BLOCK_SIZE, List.of(), cut);
            assertThat(read(plan.reads())).isEqualTo(expected(tiles, true));
            assertThat(read(quadruples(plan.runs()))).isEqualTo(expected(tiles, false));
        }
    }

    @Test
    void aPromptIsCutAtMultiplesAndWhatWasDecodedIntoRows() {
        RowTiles cut = new RowTiles(8, 16, true);
        int[] blocks = {0, 1, 2, 3, 4, 5};
        StageStep step = new StageStep(List.of(), List.of(new SequenceRows(5, 16, blocks, 2)));
        assertThat(cut.cut(step).sequences())
                .extracting(SequenceRows::start, SequenceRows::length)
                .containsExactly(tuple(5, 3), tuple(8, 8), tuple(16, 3), tuple(19, 1), tuple(20, 1));
    }

    @Test
    void wholeTilesOfASegmentReadTheSegmentsBeforeItTogether() {
        RowTiles cut = new RowTiles(4, 8, true);
        int[] blocks = {0, 1, 2, 3, 4, 7, 6};
        StageStep step = new StageStep(List.of(), List.of(new SequenceRows(8, 18, blocks)));
        AttentionPlan plan = new AttentionPlan(cut.cut(step).sequences(), BLOCK_SIZE, List.of(), cut);
        assertThat(plan.chunks()).containsExactly(0, 4, 4, 8, 8, 12, 12, 16, 16, 18);
        int[] firstSegment = {0, 8, 1, 0, 8}; // for the tiles at 8 and 12
        int[] secondTile = {4, 8, 1, 8, 12};
        int[] twoSegments = {8, 16, 1, 0, 16};
        int[] fourthTile = {12, 16, 1, 16, 20};
        int[] remainder = {16, 18, 2, 0, 20, 28, 32}; // by itself; block 5 lies apart
        assertThat(plan.runs())
                .containsExactly(Stream.of(firstSegment, secondTile, twoSegments, fourthTile, remainder)
                        .flatMapToInt(IntStream::of)
                        .toArray());
    }

    @Test
    void rowsShareAProductUpToTheirLimitAndAtOnePosition() {
        RowTiles cut = new RowTiles(8, 16, true);
        List<SequenceRows> rows = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            rows.add(new SequenceRows(4, 1, new int[] {0, 1 + i}));
        }
        rows.add(new SequenceRows(5, 1, new int[] {0, 9}));
        int[] reads = new AttentionPlan(rows, BLOCK_SIZE, List.of(), cut).reads();
        assertThat(groups(reads, 0)).containsExactly(tuple(0, 3), tuple(3, 5), tuple(5, 6));
    }

    /** Sums depend on it. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aRowReadsItsBlocksInTheirOrderWhoeverShares(boolean alone) {
        Random random = new Random(1);
        for (int round = 0; round < 300; round++) {
            List<SequenceRows> rows = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                int branch = random.nextInt(3);
                rows.add(new SequenceRows(15, 1, new int[] {0, 10 + branch / 2, 20 + branch, 30 + i}));
            }
            int[] reads = new AttentionPlan(rows, BLOCK_SIZE, List.of(), new RowTiles(8, 16, alone)).reads();
            for (int row = 0; row < rows.size(); row++) {
                int last = -1;
                for (int q = 0; q < reads.length; q += 4) {
                    if (reads[q] <= row && row < reads[q + 1]) {
                        assertThat(reads[q + 2]).isGreaterThan(last);
                        last = reads[q + 2];
                    }
                }
            }
        }
    }

    /** Of the quadruples that begin with this slot, first and end row. */
    private static List<Tuple> groups(int[] quadruples, int slot) {
        List<Tuple> groups = new ArrayList<>();
        for (int q = 0; q < quadruples.length; q += 4) {
            if (quadruples[q + 2] == slot) {
                groups.add(tuple(quadruples[q], quadruples[q + 1]));
            }
        }
        return groups;
    }

    private static int[] quadruples(int[] runs) {
        IntStream.Builder all = IntStream.builder();
        int i = 0;
        while (i < runs.length) {
            int end = i + 3 + 2 * runs[i + 2];
            for (int pair = i + 3; pair < end; pair += 2) {
                all.add(runs[i]).add(runs[i + 1]).add(runs[pair]).add(runs[pair + 1]);
            }
            i = end;
        }
        return all.build().toArray();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void whatIsPackedIsNotReadFromThePages(long seed) {
        Random random = new Random(seed);
        int packed = 0;
        for (int round = 0; round < 50; round++) {
            List<SequenceRows> step = withTwins(step(random));
            List<PackedRead> reads = SharedPrefix.in(step, BLOCK_SIZE, 1, 2).stream()
                    .map(shared -> new PackedRead(
                            shared.first(), shared.end(), 1 + random.nextInt(shared.blocks().length), shared.rows()))
                    .toList();
            AttentionPlan plan = new AttentionPlan(step, BLOCK_SIZE, reads);
            Map<Integer, Set<Integer>> all = read(plan.reads());
            for (int i = 0; i < reads.size(); i++) {
                int blocks = reads.get(i).blocks();
                int[] table = step.get(reads.get(i).first()).blocks();
                for (int row = plan.prefixes()[3 * i]; row < plan.prefixes()[3 * i + 1]; row++) {
                    for (int position = 0; position < blocks * BLOCK_SIZE; position++) {
                        int slot = table[position / BLOCK_SIZE] * BLOCK_SIZE + position % BLOCK_SIZE;
                        assertThat(all.computeIfAbsent(row, key -> new HashSet<>())
                                        .add(slot))
                                .isTrue();
                    }
                    packed++;
                }
            }
            assertThat(all).isEqualTo(expected(step, true));
        }
        assertThat(packed).isGreaterThan(20);
    }

    /** Behind each sequence with one row another one at its position, with the same whole blocks. */
    private static List<SequenceRows> withTwins(List<SequenceRows> step) {
        List<SequenceRows> all = new ArrayList<>();
        for (SequenceRows sequence : step) {
            all.add(sequence);
            if (sequence.length() == 1) {
                int[] blocks = sequence.blocks().clone();
                blocks[blocks.length - 1] += 1000;
                all.add(new SequenceRows(sequence.start(), 1, blocks));
            }
        }
        return all;
    }

    @Test
    void packedReadsComeInTheOrderOfTheirSequences() {
        List<SequenceRows> step =
                List.of(new SequenceRows(9, 1, new int[] {1, 2, 3}), new SequenceRows(9, 1, new int[] {1, 2, 4}));
        List<PackedRead> reads = List.of(new PackedRead(0, 2, 1, 2), new PackedRead(1, 2, 1, 2));
        assertThatThrownBy(() -> new AttentionPlan(step, BLOCK_SIZE, reads)).hasMessageContaining("begins before 2");
    }

    /** Slots by row; a slot that a row reads twice fails. */
    private static Map<Integer, Set<Integer>> read(int[] quadruples) {
        Map<Integer, Set<Integer>> read = new HashMap<>();
        for (int q = 0; q < quadruples.length; q += 4) {
            for (int row = quadruples[q]; row < quadruples[q + 1]; row++) {
                for (int slot = quadruples[q + 2]; slot < quadruples[q + 3]; slot++) {
                    assertThat(read.computeIfAbsent(row, key -> new HashSet<>()).add(slot))
                            .as("row %d, slot %d of %s", row, slot, Arrays.toString(quadruples))
                            .isTrue();
                }
            }
        }
        return read;
    }

    private static Map<Integer, Set<Integer>> expected(List<SequenceRows> step, boolean single) {
        Map<Integer, Set<Integer>> expected = new HashMap<>();
        int row = 0;
        for (SequenceRows sequence : step) {
            int context = sequence.length() == 1 ? sequence.end() : sequence.start();
            for (int i = 0; i < sequence.length(); i++, row++) {
                for (int position = 0; position < context && single == (sequence.length() == 1); position++) {
                    expected.computeIfAbsent(row, key -> new HashSet<>())
                            .add(sequence.blocks()[position / BLOCK_SIZE] * BLOCK_SIZE + position % BLOCK_SIZE);
                }
            }
        }
        return expected;
    }

    /** Sequences of their own and, behind some, others that share whole blocks of theirs, with one new row or several. */
    private static List<SequenceRows> step(Random random) {
        List<SequenceRows> step = new ArrayList<>();
        int free = 0;
        while (step.size() < 8) {
            int start = random.nextInt(20);
            int length = random.nextInt(3) == 0 ? 1 + random.nextInt(6) : 1;
            int[] blocks = new int[(start + length + BLOCK_SIZE - 1) / BLOCK_SIZE];
            int shared = step.isEmpty() || random.nextInt(3) == 0 ? 0 : random.nextInt(4);
            for (int i = 0; i < blocks.length; i++) {
                int[] before =
                        step.isEmpty() ? blocks : step.get(step.size() - 1).blocks();
                boolean whole = (i + 1) * BLOCK_SIZE <= start && i < before.length;
                free += random.nextInt(4) == 0 ? 2 : 1;
                blocks[i] = i < shared && whole ? before[i] : free;
            }
            step.add(new SequenceRows(start, length, blocks));
        }
        return step;
    }
}
