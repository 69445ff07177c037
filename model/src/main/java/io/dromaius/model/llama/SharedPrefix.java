package io.dromaius.model.llama;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Blocks with which the tables of neighbouring sequences of a step begin, as those of beams do. Each of the sequences has one
 * new row, at the same position as the others', and writes none of the blocks.
 *
 * @param first first of the sequences
 * @param end behind the last of them
 * @param blocks its own, must not change
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record SharedPrefix(int first, int end, int[] blocks) {
    int rows() {
        return end - first;
    }

    /** Those of at least so many blocks and sequences, from first to last. */
    static List<SharedPrefix> in(List<SequenceRows> sequences, int blockSize, int leastBlocks, int leastRows) {
        List<SharedPrefix> found = new ArrayList<>();
        int first = 0;
        while (first < sequences.size()) {
            int shared = full(sequences.get(first), blockSize);
            int end = first + 1;
            while (end < sequences.size()) {
                int common = common(sequences.get(first), sequences.get(end), shared, blockSize);
                if (common < Math.max(1, leastBlocks)) {
                    break;
                }
                shared = common;
                end++;
            }
            if (end - first >= leastRows) {
                found.add(new SharedPrefix(
                        first, end, Arrays.copyOf(sequences.get(first).blocks(), shared)));
            }
            first = end;
        }
        return found;
    }

    /** Whether the blocks begin with these. */
    boolean beginsWith(int[] others) {
        return others.length <= blocks.length
                && Arrays.mismatch(others, 0, others.length, blocks, 0, others.length) < 0;
    }

    private static int common(SequenceRows one, SequenceRows other, int most, int blockSize) {
        if (one.start() != other.start()) {
            return 0;
        }
        int end = Math.min(most, full(other, blockSize));
        int mismatch = Arrays.mismatch(one.blocks(), 0, end, other.blocks(), 0, end);
        return mismatch < 0 ? end : mismatch;
    }

    /** Blocks that a sequence with one row reads whole and does not write. */
    private static int full(SequenceRows sequence, int blockSize) {
        return sequence.length() == 1 ? sequence.start() / blockSize : 0;
    }
}
