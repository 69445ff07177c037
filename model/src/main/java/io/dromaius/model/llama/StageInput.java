package io.dromaius.model.llama;

/** A run of input rows of the first stage. */
@SuppressWarnings("ArrayRecordComponent") // read once, inside the step it was made for
public sealed interface StageInput {
    /** Number of rows. */
    int rows();

    /** Token ids. */
    record Ids(int... ids) implements StageInput {
        @Override
        public int rows() {
            return ids.length;
        }
    }

    /** That many of the step's vectors, in order. */
    record Vectors(int rows) implements StageInput {}
}
