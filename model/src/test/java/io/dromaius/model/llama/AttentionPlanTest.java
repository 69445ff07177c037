package io.dromaius.model.llama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
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
            assertThat(read(plan.runs())).isEqualTo(expected(step, false));
        }
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
