package io.dromaius.model.llama;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Which rows of a step read which slots, the same for every layer. Adjacent blocks are read as one run, and a run that
 * several neighbouring sequences share (beams) is read once for all of them.
 *
 * <p>A sequence with one new row reads it back from the pages. One with several reads what came before from the pages, and
 * its new rows see one another as a chunk. Blocks of a packed prefix are not read from the pages.
 */
public final class AttentionPlan {
    private final int blockSize;
    private final List<SequenceRows> sequences;
    private final int[] firstRow;
    private final long[] positions;
    private final long[] slots;
    private final int[] packedBlocks;
    private final int[] prefixes;
    private final int[] reads;
    private final int[] runs;
    private final int[] chunks;

    /** A plan that reads the pages alone. */
    public AttentionPlan(List<SequenceRows> sequences, int blockSize) {
        this(sequences, blockSize, List.of());
    }

    /**
     * A plan for the sequences of a step.
     *
     * @param packed from the first sequence to the last, each in one at most
     */
    public AttentionPlan(List<SequenceRows> sequences, int blockSize, List<PackedRead> packed) {
        this.blockSize = blockSize;
        this.sequences = sequences;
        this.firstRow = new int[sequences.size() + 1];
        IntStream.Builder pairs = IntStream.builder();
        for (int s = 0; s < sequences.size(); s++) {
            SequenceRows sequence = sequences.get(s);
            firstRow[s + 1] = firstRow[s] + sequence.length();
            if (sequence.length() > 1) {
                pairs.add(firstRow[s]).add(firstRow[s + 1]);
            }
        }
        this.chunks = pairs.build().toArray();
        this.positions = new long[firstRow[sequences.size()]];
        this.slots = new long[positions.length];
        for (int s = 0; s < sequences.size(); s++) {
            addRows(s);
        }
        this.packedBlocks = new int[sequences.size()];
        this.prefixes = prefixes(packed);
        IntStream.Builder ofSingleRows = IntStream.builder();
        IntStream.Builder ofChunks = IntStream.builder();
        for (int s = 0; s < sequences.size(); s++) {
            addRuns(s, sequences.get(s).length() == 1 ? ofSingleRows : ofChunks);
        }
        this.reads = ofSingleRows.build().toArray();
        this.runs = ofChunks.build().toArray();
    }

    long[] positions() {
        return positions.clone();
    }

    long[] slots() {
        return slots.clone();
    }

    /** Quadruples (first row, end row, first slot, end slot) of rows that are the only ones of their sequences. */
    public int[] reads() {
        return reads.clone();
    }

    /** Triples (first row, end row, rows packed for) of rows that read a packed prefix, in the order of the prefixes given. */
    public int[] prefixes() {
        return prefixes.clone();
    }

    /** Quadruples (first row, end row, first slot, end slot) of the rows of longer chunks. */
    int[] runs() {
        return runs.clone();
    }

    /** Pairs (first row, end row). */
    int[] chunks() {
        return chunks.clone();
    }

    private int[] prefixes(List<PackedRead> packed) {
        IntStream.Builder triples = IntStream.builder();
        int end = 0;
        for (PackedRead read : packed) {
            if (read.first() < end) {
                throw new IllegalArgumentException(read + " begins before " + end);
            }
            end = read.end();
            Arrays.fill(packedBlocks, read.first(), end, read.blocks());
            triples.add(firstRow[read.first()]).add(firstRow[end]).add(read.rows());
        }
        return triples.build().toArray();
    }

    private void addRows(int s) {
        SequenceRows sequence = sequences.get(s);
        for (int i = 0; i < sequence.length(); i++) {
            int position = sequence.start() + i;
            positions[firstRow[s] + i] = position;
            slots[firstRow[s] + i] = (long) sequence.blocks()[position / blockSize] * blockSize + position % blockSize;
        }
    }

    /** The runs that a sequence reads first of the neighbours who share them. */
    private void addRuns(int s, IntStream.Builder quadruples) {
        int[] blocks = sequences.get(s).blocks();
        int end = blocksRead(s);
        int i = packedBlocks[s];
        while (i < end) {
            int from = i++;
            int group = group(s, from);
            if (group < 0) {
                continue;
            }
            while (i < end && blocks[i] == blocks[i - 1] + 1 && group(s, i) == group) {
                i++;
            }
            quadruples
                    .add(firstRow[s])
                    .add(firstRow[group])
                    .add(blocks[from] * blockSize)
                    .add(blocks[i - 1] * blockSize + positionsRead(s, i - 1));
        }
    }

    /** End of the group of neighbouring sequences that read block i of s, if s is the first of them; else -1. */
    private int group(int s, int i) {
        if (s > 0 && shares(s - 1, s, i)) {
            return -1;
        }
        int end = s + 1;
        while (end < sequences.size() && shares(end, s, i)) {
            end++;
        }
        return end;
    }

    /** Whether another sequence reads block i of s too, the same positions of it, and with as many rows: one or several. */
    private boolean shares(int other, int s, int i) {
        SequenceRows one = sequences.get(s);
        SequenceRows two = sequences.get(other);
        return i >= packedBlocks[other]
                && i < blocksRead(other)
                && two.blocks()[i] == one.blocks()[i]
                && positionsRead(other, i) == positionsRead(s, i)
                && (two.length() == 1) == (one.length() == 1);
    }

    /** Positions of a sequence that are read from the pages. */
    private int context(int s) {
        SequenceRows sequence = sequences.get(s);
        return sequence.length() == 1 ? sequence.end() : sequence.start();
    }

    private int blocksRead(int s) {
        return (context(s) + blockSize - 1) / blockSize;
    }

    private int positionsRead(int s, int i) {
        return Math.min(blockSize, context(s) - i * blockSize);
    }
}
