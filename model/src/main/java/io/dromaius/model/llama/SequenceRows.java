package io.dromaius.model.llama;

/**
 * New positions [start, start + length) of one sequence in a step.
 *
 * @param blocks the sequence's block table, covering at least [0, start + length); not copied, must not change
 */
@SuppressWarnings("ArrayRecordComponent") // read once, inside the step it was made for
public record SequenceRows(int start, int length, int[] blocks) {
    public SequenceRows {
        if (start < 0 || length < 1) {
            throw new IllegalArgumentException("positions [" + start + ", +" + length + ")");
        }
    }

    public int end() {
        return start + length;
    }
}
