package io.dromaius.model.llama;

/**
 * New positions [start, start + length) of one sequence in a step.
 *
 * @param blocks the sequence's block table, covering at least [0, start + length); not copied, must not change
 * @param decoded how many of the positions, the last ones, are computed as decodes are, each as if the step had no other of
 *     the sequence; a length of 1 is one anyway
 */
@SuppressWarnings("ArrayRecordComponent") // read once, inside the step it was made for
public record SequenceRows(int start, int length, int[] blocks, int decoded) {
    public SequenceRows {
        if (start < 0 || length < 1 || decoded < 0 || decoded > length) {
            throw new IllegalArgumentException("positions [%d, +%d), %d decoded".formatted(start, length, decoded));
        }
    }

    /** Positions of a prompt, or one that is decoded. */
    public SequenceRows(int start, int length, int[] blocks) {
        this(start, length, blocks, 0);
    }

    public int end() {
        return start + length;
    }
}
