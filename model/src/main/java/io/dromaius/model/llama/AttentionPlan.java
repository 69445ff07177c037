package io.dromaius.model.llama;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Which rows of a step read which slots, the same for every layer. Adjacent blocks are read as one run, and a run that
 * several neighbouring sequences share (beams) is read once for all of them.
 *
 * <p>A sequence with one new row reads it back from the pages. One with several reads what came before from the pages, see
 * {@link TileReads}, and its new rows see one another as a chunk. Blocks of a packed prefix are not read from the pages.
 */
public final class AttentionPlan {
    private final int blockSize;
    private final RowTiles cut;
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

    /** A plan for a step as it is. */
    public AttentionPlan(List<SequenceRows> sequences, int blockSize, List<PackedRead> packed) {
        this(sequences, blockSize, packed, RowTiles.NONE);
    }

    /**
     * A plan for the sequences of a step.
     *
     * @param packed from the first sequence to the last, each in one at most
     * @param cut how the sequences have been cut
     */
    AttentionPlan(List<SequenceRows> sequences, int blockSize, List<PackedRead> packed, RowTiles cut) {
        this.blockSize = blockSize;
        this.cut = cut;
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
        for (int s = 0; s < sequences.size(); s++) {
            if (sequences.get(s).length() == 1) {
                addReads(s, ofSingleRows);
            }
        }
        this.reads = ofSingleRows.build().toArray();
        this.runs = TileReads.of(sequences, firstRow, blockSize, cut);
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

    /** What the rows of longer chunks read of the positions before them, see {@link TileReads#of}. */
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

    /** The runs that a sequence with one row reads first of the neighbours who share them. */
    private void addReads(int s, IntStream.Builder quadruples) {
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

    /** End of the group of neighbouring sequences that read block i of s together, if s is the first of them; else -1. */
    private int group(int s, int i) {
        if (s > 0 && sharesRead(s - 1, s, i)) {
            return -1;
        }
        int end = s + 1;
        while (end < sequences.size() && sharesRead(end, s, i)) {
            end++;
        }
        return end;
    }

    /**
     * Whether another sequence with one row, at the same position, reads block i of s too, and with it. The limit of readers
     * is one of places in the step, the same for all blocks, so that each row reads its blocks in their order.
     */
    private boolean sharesRead(int other, int s, int i) {
        SequenceRows one = sequences.get(s);
        SequenceRows two = sequences.get(other);
        return two.length() == 1
                && two.start() == one.start()
                && other / cut.readers() == s / cut.readers()
                && i >= packedBlocks[other]
                && two.blocks()[i] == one.blocks()[i];
    }

    private int blocksRead(int s) {
        return (sequences.get(s).end() + blockSize - 1) / blockSize;
    }

    private int positionsRead(int s, int i) {
        return Math.min(blockSize, sequences.get(s).end() - i * blockSize);
    }
}
