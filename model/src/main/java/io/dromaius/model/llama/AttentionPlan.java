package io.dromaius.model.llama;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which rows of a step read which slots, the same for every layer. Adjacent blocks are read as one run, and a run that
 * several neighbouring sequences share (beams) is read once for all of them.
 *
 * <p>A sequence with one new row reads it back from the pages. One with several reads what came before from the pages, and
 * its new rows see one another as a chunk.
 */
public final class AttentionPlan {
    private final int blockSize;
    private final List<SequenceRows> sequences;
    private final int[] firstRow;
    private final List<Long> positions = new ArrayList<>();
    private final List<Long> slots = new ArrayList<>();
    private final List<Integer> reads = new ArrayList<>();
    private final List<Integer> runs = new ArrayList<>();
    private final List<Integer> chunks = new ArrayList<>();

    /**
     * A plan for the sequences of a step.
     *
     * @param blocks how many there are
     */
    public AttentionPlan(List<SequenceRows> sequences, int blockSize, int blocks) {
        this.blockSize = blockSize;
        this.sequences = sequences;
        this.firstRow = new int[sequences.size() + 1];
        for (int s = 0; s < sequences.size(); s++) {
            SequenceRows sequence = sequences.get(s);
            check(sequence, blocks);
            firstRow[s + 1] = firstRow[s] + sequence.length();
            addRows(sequence);
            if (sequence.length() > 1) {
                chunks.add(firstRow[s]);
                chunks.add(firstRow[s + 1]);
            }
        }
        addRuns();
    }

    long[] positions() {
        return positions.stream().mapToLong(Long::longValue).toArray();
    }

    long[] slots() {
        return slots.stream().mapToLong(Long::longValue).toArray();
    }

    /** Quadruples (first row, end row, first slot, end slot) of rows that are the only ones of their sequences. */
    public int[] reads() {
        return reads.stream().mapToInt(Integer::intValue).toArray();
    }

    /** Quadruples (first row, end row, first slot, end slot) of the rows of longer chunks. */
    int[] runs() {
        return runs.stream().mapToInt(Integer::intValue).toArray();
    }

    /** Pairs (first row, end row). */
    int[] chunks() {
        return chunks.stream().mapToInt(Integer::intValue).toArray();
    }

    private void check(SequenceRows sequence, int blocks) {
        if ((long) sequence.blocks().length * blockSize < sequence.end()) {
            throw new IllegalArgumentException(sequence.blocks().length + " blocks of " + blockSize + " do not hold "
                    + sequence.end() + " positions");
        }
        for (int block : sequence.blocks()) {
            if (block < 0 || block >= blocks) {
                throw new IllegalArgumentException("block " + block + " of " + blocks);
            }
        }
    }

    private void addRows(SequenceRows sequence) {
        for (int position = sequence.start(); position < sequence.end(); position++) {
            int block = sequence.blocks()[position / blockSize];
            positions.add((long) position);
            slots.add((long) block * blockSize + position % blockSize);
        }
    }

    private void addRuns() {
        Map<Filled, BitSet> readers = new HashMap<>();
        for (int s = 0; s < sequences.size(); s++) {
            for (int i = 0; i < blocksRead(s); i++) {
                readers.computeIfAbsent(filled(s, i), block -> new BitSet()).set(s);
            }
        }
        for (int s = 0; s < sequences.size(); s++) {
            int i = 0;
            while (i < blocksRead(s)) {
                int from = i++;
                int group = group(readers, s, from);
                if (group < 0) {
                    continue;
                }
                while (i < blocksRead(s) && follows(s, i) && group(readers, s, i) == group) {
                    i++;
                }
                Filled last = filled(s, i - 1);
                (last.single ? reads : runs)
                        .addAll(List.of(
                                firstRow[s],
                                firstRow[group],
                                filled(s, from).block * blockSize,
                                last.block * blockSize + last.positions));
            }
        }
    }

    /** End of the group of neighbouring sequences that read block i of s, if s is the first of them; else -1. */
    private int group(Map<Filled, BitSet> readers, int s, int i) {
        BitSet group = readers.getOrDefault(filled(s, i), new BitSet());
        return s > 0 && group.get(s - 1) ? -1 : group.nextClearBit(s);
    }

    private boolean follows(int s, int i) {
        int[] blocks = sequences.get(s).blocks();
        return blocks[i] == blocks[i - 1] + 1;
    }

    /** Positions of a sequence that are read from the pages. */
    private int context(int s) {
        SequenceRows sequence = sequences.get(s);
        return sequence.length() == 1 ? sequence.end() : sequence.start();
    }

    private int blocksRead(int s) {
        return (context(s) + blockSize - 1) / blockSize;
    }

    private Filled filled(int s, int i) {
        SequenceRows sequence = sequences.get(s);
        return new Filled(
                sequence.blocks()[i], Math.min(blockSize, context(s) - i * blockSize), sequence.length() == 1);
    }

    /**
     * The first positions of a block.
     *
     * @param single whether they are read for the only new row of a sequence
     */
    private record Filled(int block, int positions, boolean single) {}
}
