package io.dromaius.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dromaius.model.llama.SequenceRows;
import io.dromaius.proto.internal.v1.SequenceSlice;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SequenceTableTest {
    private static final int BLOCK_SIZE = 4;

    @Test
    void aNewSequenceHasTheBlocksOfItsFirstSlice() {
        SequenceTable table = new SequenceTable(8, BLOCK_SIZE);

        List<SequenceRows> rows = table.apply(List.of(), List.of(slice(1, 0, 6, 0, 5, 2)));

        assertThat(rows).singleElement().satisfies(row -> {
            assertThat(row.start()).isZero();
            assertThat(row.length()).isEqualTo(6);
            assertThat(row.blocks()).containsExactly(5, 2);
        });
        assertThat(table.blocksInUse()).isEqualTo(2);
    }

    @Test
    void blocksMayBeGivenAhead() {
        SequenceTable table = new SequenceTable(8, BLOCK_SIZE);
        table.apply(List.of(), List.of(slice(1, 0, 4, 0, 7, 6, 5)));

        List<SequenceRows> rows = table.apply(List.of(), List.of(slice(1, 4, 4, 3)));

        assertThat(rows.get(0).blocks()).containsExactly(7, 6, 5);
        assertThat(table.blocksInUse()).isEqualTo(3);
    }

    @Test
    void beamsMaySwapTheirTablesInOneStep() {
        SequenceTable table = new SequenceTable(8, BLOCK_SIZE);
        table.apply(List.of(), List.of(slice(1, 0, 4, 0, 0), slice(2, 0, 4, 0, 1)));

        List<SequenceRows> rows = table.apply(List.of(), List.of(fork(1, 2, 4, 1, 1, 2), fork(2, 1, 4, 1, 1, 3)));

        assertThat(rows.get(0).blocks()).containsExactly(1, 2);
        assertThat(rows.get(1).blocks()).containsExactly(0, 3);
    }

    @Test
    void aSequenceMayForkFromOneThatThisStepReleases() {
        SequenceTable table = new SequenceTable(8, BLOCK_SIZE);
        table.apply(List.of(), List.of(slice(1, 0, 4, 0, 0)));

        List<SequenceRows> rows = table.apply(List.of(1L), List.of(fork(2, 1, 4, 1, 1, 3)));

        assertThat(rows.get(0).blocks()).containsExactly(0, 3);
        assertThat(table.sequences()).isEqualTo(1);
        assertThat(table.blocksInUse()).isEqualTo(2);
    }

    @Test
    void blocksOfAReleasedSequenceMayBeReusedAtOnce() {
        SequenceTable table = new SequenceTable(2, BLOCK_SIZE);
        table.apply(List.of(), List.of(slice(1, 0, 8, 0, 0, 1)));

        table.apply(List.of(1L), List.of(slice(2, 0, 8, 0, 1, 0)));

        assertThat(table.blocksInUse()).isEqualTo(2);
    }

    @Test
    void aPreemptedSequenceStartsOverInOtherBlocks() {
        SequenceTable table = new SequenceTable(4, BLOCK_SIZE);
        table.apply(List.of(), List.of(slice(1, 0, 8, 0, 0, 1)));

        table.apply(List.of(), List.of(slice(1, 0, 4, 0, 3)));

        assertThat(table.blocksInUse()).isEqualTo(1);
    }

    @Test
    void aSequenceMayComeWithAWholeTableThatOthersHaveWritten() {
        SequenceTable table = new SequenceTable(4, BLOCK_SIZE);

        List<SequenceRows> rows = table.apply(List.of(), List.of(slice(9, 6, 1, 0, 3, 1)));

        assertThat(rows.get(0).start()).isEqualTo(6);
        assertThat(rows.get(0).blocks()).containsExactly(3, 1);
    }

    @Test
    void aReleasedIdWithoutTableIsPassedOver() {
        SequenceTable table = new SequenceTable(4, BLOCK_SIZE);

        table.apply(List.of(77L), List.of());

        assertThat(table.sequences()).isZero();
    }

    @Test
    void whatWouldBeWrongIsRefusedAndChangesNothing() {
        SequenceTable table = new SequenceTable(8, BLOCK_SIZE);
        table.apply(List.of(), List.of(slice(1, 0, 6, 0, 0, 1), slice(2, 0, 1, 0, 2)));

        refused(table, "a sequence is 0", slice(0, 0, 1, 0, 3));
        refused(table, "no block 8", slice(3, 0, 1, 0, 8));
        refused(table, "no block 4294967295", slice(3, 0, 1, 0, -1));
        refused(table, "unknown parent", fork(3, 9, 0, 1, 0, 3));
        refused(table, "keeps 3 blocks", slice(1, 6, 1, 3));
        refused(table, "keeps 4294967295 blocks", slice(1, 6, 1, -1));
        refused(table, "do not cover", slice(1, 6, 3, 2));
        refused(table, "do not cover", slice(3, 0, Integer.MAX_VALUE, 0, 3));
        refused(table, "0 rows", slice(1, 6, 0, 2));
        refused(table, "rows from", slice(1, 6, -1, 2));
        refused(table, "rows from", slice(1, 6, Integer.MAX_VALUE, 2));
        refused(table, "writes block 1, which is shared", fork(3, 1, 6, 1, 2));
        refused(table, "writes block 3, which is shared", slice(3, 0, 5, 0, 3, 3));
        refused(table, "more blocks than there are", slice(3, 0, 1, 0, 3, 3, 3, 3, 3, 3, 3, 3, 3));
        refused(table, "two slices", slice(3, 0, 1, 0, 3), slice(3, 0, 1, 0, 4));
        assertThatThrownBy(() -> table.apply(List.of(1L), List.of(slice(1, 6, 1, 2))))
                .isInstanceOf(InvalidFrameException.class)
                .hasMessageContaining("released and sliced");

        assertThat(table.blocksInUse()).isEqualTo(3);
        assertThat(table.apply(List.of(), List.of(slice(1, 6, 2, 2))).get(0).blocks())
                .containsExactly(0, 1);
    }

    private static void refused(SequenceTable table, String why, SequenceSlice... slices) {
        assertThatThrownBy(() -> table.apply(List.of(), List.of(slices)))
                .isInstanceOf(InvalidFrameException.class)
                .hasMessageContaining(why);
        assertThat(table.blocksInUse()).isEqualTo(3);
    }

    /**
     * Sequences start, grow, fork and end at random, as beams do; the model keeps each sequence's whole table, and each
     * step is told to the table under test as a difference.
     */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void aRandomWalkAgreesWithTablesKeptWhole(long seed) {
        Walk walk = new Walk(new Random(seed));
        for (int step = 0; step < 2_000; step++) {
            walk.step();
        }
    }

    private static final class Walk {
        private static final int BLOCKS = 64;

        private final Random random;
        private final SequenceTable table = new SequenceTable(BLOCKS, BLOCK_SIZE);
        private Map<Long, List<Integer>> tables = new HashMap<>();
        private Map<Long, Integer> lengths = new HashMap<>();
        private long nextId = 1;

        Walk(Random random) {
            this.random = random;
        }

        void step() {
            Set<Long> released = new TreeSet<>();
            for (Long id : new TreeSet<>(tables.keySet())) {
                if (random.nextInt(12) == 0) {
                    released.add(id);
                }
            }
            Map<Long, List<Integer>> next = new HashMap<>(tables);
            Map<Long, Integer> nextLengths = new HashMap<>(lengths);
            next.keySet().removeAll(released);
            List<SequenceSlice> slices = new ArrayList<>();
            List<Consumer<SequenceRows>> expected = new ArrayList<>();
            for (Long id : candidates(released)) {
                if (random.nextBoolean()) {
                    slice(id, next, nextLengths, slices, expected);
                }
            }

            List<SequenceRows> rows = table.apply(List.copyOf(released), slices);

            tables = next;
            lengths = nextLengths;
            lengths.keySet().retainAll(tables.keySet());
            assertThat(rows).hasSize(slices.size());
            for (int i = 0; i < rows.size(); i++) {
                expected.get(i).accept(rows.get(i));
            }
            assertThat(table.sequences()).isEqualTo(tables.size());
            assertThat(table.blocksInUse()).isEqualTo(held(tables).size());
        }

        /** Living sequences, and one or two that are new. */
        private List<Long> candidates(Set<Long> released) {
            List<Long> ids = new ArrayList<>(new TreeSet<>(tables.keySet()));
            ids.removeAll(released);
            ids.add(nextId++);
            ids.add(nextId++);
            return ids;
        }

        private void slice(
                long id,
                Map<Long, List<Integer>> next,
                Map<Long, Integer> nextLengths,
                List<SequenceSlice> slices,
                List<Consumer<SequenceRows>> expected) {
            List<Long> parents = new ArrayList<>(new TreeSet<>(tables.keySet()));
            boolean forks = !parents.isEmpty() && random.nextInt(3) == 0;
            long parent = forks ? parents.get(random.nextInt(parents.size())) : id;
            List<Integer> whole = tables.getOrDefault(parent, List.of());
            int start = lengths.getOrDefault(parent, 0);
            // Only full blocks may be shared, so a fork leaves the last, partly filled one behind.
            int kept = forks ? start / BLOCK_SIZE : whole.size();
            int length = 1 + random.nextInt(6);
            List<Integer> blocks = new ArrayList<>(whole.subList(0, kept));
            List<Integer> fresh = free(next, (start + length + BLOCK_SIZE - 1) / BLOCK_SIZE - kept);
            if (fresh == null) {
                return;
            }
            blocks.addAll(fresh);
            next.put(id, blocks);
            nextLengths.put(id, start + length);
            slices.add(SequenceTableTest.slice(id, forks ? parent : 0, start, length, kept, fresh));
            int rowStart = start;
            expected.add(row -> {
                assertThat(row.start()).isEqualTo(rowStart);
                assertThat(row.length()).isEqualTo(length);
                assertThat(row.blocks())
                        .containsExactly(
                                blocks.stream().mapToInt(Integer::intValue).toArray());
            });
        }

        private @org.jspecify.annotations.Nullable List<Integer> free(Map<Long, List<Integer>> next, int count) {
            Set<Integer> taken = held(next);
            taken.addAll(held(tables));
            List<Integer> fresh = new ArrayList<>();
            for (int block = random.nextInt(BLOCKS), seen = 0; seen < BLOCKS && fresh.size() < count; seen++) {
                if (!taken.contains(block)) {
                    fresh.add(block);
                }
                block = (block + 1) % BLOCKS;
            }
            return fresh.size() < count ? null : fresh;
        }

        private static Set<Integer> held(Map<Long, List<Integer>> tables) {
            Set<Integer> held = new HashSet<>();
            tables.values().forEach(held::addAll);
            return held;
        }
    }

    private static SequenceSlice slice(long id, int start, int length, int kept, int... blocks) {
        return fork(id, 0, start, length, kept, blocks);
    }

    private static SequenceSlice fork(long id, long parent, int start, int length, int kept, int... blocks) {
        return slice(
                id,
                parent,
                start,
                length,
                kept,
                java.util.Arrays.stream(blocks).boxed().toList());
    }

    private static SequenceSlice slice(long id, long parent, int start, int length, int kept, List<Integer> blocks) {
        return SequenceSlice.newBuilder()
                .setSequence(id)
                .setParent(parent)
                .setStart(start)
                .setLength(length)
                .setKeptBlocks(kept)
                .addAllNewBlocks(blocks)
                .build();
    }
}
