package io.dromaius.model.llama;

/**
 * Sequences of a step that read their first blocks packed instead of from the pages.
 *
 * @param first first of the sequences
 * @param end behind the last of them
 * @param blocks how many they are, the same ones for each sequence
 * @param rows that they were packed for, end - first at least
 */
public record PackedRead(int first, int end, int blocks, int rows) {
    public PackedRead {
        if (first < 0 || end <= first || blocks < 1 || rows < end - first) {
            throw new IllegalArgumentException(
                    "sequences [%d, %d) read %d blocks packed for %d rows".formatted(first, end, blocks, rows));
        }
    }
}
