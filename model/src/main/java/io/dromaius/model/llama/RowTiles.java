package io.dromaius.model.llama;

import java.util.ArrayList;
import java.util.List;

/**
 * Which rows of a step are computed together, by their positions and not by what else the step or the steps before it
 * carry. A kernel sums in another order for another number of rows and another extent of what they read, so this is what
 * makes the keys, values and hidden states of a sequence come out the same, to the last bit, in any company.
 *
 * @param rows a prompt's rows are cut at multiples of so many positions into tiles, which see what is before them and,
 *     causally, themselves
 * @param segment what lies before a tile is read up to a multiple of so many positions, which the tiles of a prompt do
 *     together, and then the rest
 * @param alone whether sequences that share blocks, beams or candidates, read them in so few rows at a time, or each for
 *     itself, that a row comes out as it would if it read them alone
 */
record RowTiles(int rows, int segment, boolean alone) {
    /** As many keys as libtorch's attention takes at once on the CPU. */
    private static final int SEGMENT = 512;
    /** Up to so many columns are summed as one is. */
    private static final int ALIKE = 3;

    /** For a GPU, where it would take more kernels, and sums depend on the number of rows anyway. */
    static final RowTiles NONE = new RowTiles(Integer.MAX_VALUE, Integer.MAX_VALUE, false);

    static RowTiles of(StageOptions options) {
        if (!options.device().isCpu()) {
            return NONE;
        }
        return new RowTiles(LlamaStage.TILE, SEGMENT, options.batchInvariant());
    }

    /** Single rows that read the same blocks in one product at most. */
    int readers() {
        return alone ? ALIKE : Integer.MAX_VALUE;
    }

    /** The same rows, each tile and each decoded row as if it were a sequence. */
    StageStep cut(StageStep step) {
        if (equals(NONE)) {
            return step;
        }
        List<SequenceRows> tiles = new ArrayList<>(step.sequences().size());
        for (SequenceRows sequence : step.sequences()) {
            cut(sequence, tiles);
        }
        return new StageStep(step.copies(), tiles);
    }

    private void cut(SequenceRows sequence, List<SequenceRows> tiles) {
        int firstDecoded = sequence.end() - sequence.decoded();
        int from = sequence.start();
        while (from < sequence.end()) {
            int end = from < firstDecoded ? Math.min(firstDecoded, (from / rows + 1) * rows) : from + 1;
            tiles.add(new SequenceRows(from, end - from, sequence.blocks()));
            from = end;
        }
    }
}
