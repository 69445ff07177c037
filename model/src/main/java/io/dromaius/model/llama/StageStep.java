package io.dromaius.model.llama;

import java.util.List;

/**
 * One step of a stage.
 *
 * @param copies done before anything of the step is written; no block is a target twice, and no target is a source
 * @param sequences whose rows, one after another, are the step's rows; blocks written belong to one sequence alone
 */
public record StageStep(List<BlockCopy> copies, List<SequenceRows> sequences) {
    public StageStep {
        copies = List.copyOf(copies);
        sequences = List.copyOf(sequences);
    }

    public int rows() {
        return sequences.stream().mapToInt(SequenceRows::length).sum();
    }
}
