package io.dromaius.coordinator.engine;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.ImmutableIntArray;
import java.util.List;

/**
 * Positions [start, start + length) of one sequence. Its table becomes the first {@code keptBlocks} blocks of
 * {@code parent}'s table as it was before this step (its own when {@code parent} is 0), then {@code newBlocks}.
 *
 * @param sequence never 0, never reused within an epoch
 * @param decoded how many of the positions, the last ones, are computed one by one
 * @param inputs what is fed, lengths summing to {@code length}
 */
public record SliceRows(
        long sequence,
        long parent,
        int keptBlocks,
        ImmutableIntArray newBlocks,
        int start,
        int length,
        int decoded,
        List<InputRun> inputs) {
    public SliceRows {
        checkArgument(sequence > 0 && parent >= 0, "sequence %s, parent %s", sequence, parent);
        checkArgument(keptBlocks >= 0 && start >= 0 && length > 0, "rows [%s, +%s)", start, length);
        checkArgument(decoded >= 0 && decoded <= length, "%s of %s rows decoded", decoded, length);
        inputs = List.copyOf(inputs);
    }
}
