package io.dromaius.shard;

import static io.dromaius.shard.InvalidFrameException.check;

import io.dromaius.model.llama.SequenceRows;
import io.dromaius.proto.internal.v1.SequenceSlice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * The block tables of an epoch's sequences, kept up to date from the differences that step frames carry. Used by the
 * compute thread alone.
 */
final class SequenceTable {
    private static final int[] NONE = {};

    private final int blockSize;
    /** By sequence; an array is never written once it is here. */
    private final Map<Long, int[]> tables = new HashMap<>();
    /** By block: the number of tables that hold it. */
    private final int[] users;

    private int blocksInUse;

    SequenceTable(int blocks, int blockSize) {
        this.blockSize = blockSize;
        this.users = new int[blocks];
    }

    /** Distinct blocks that the tables hold. */
    int blocksInUse() {
        return blocksInUse;
    }

    int sequences() {
        return tables.size();
    }

    /**
     * Applies one step. Parents are read as the tables stood before it, those of released sequences too; a released id
     * without a table is passed over.
     *
     * @return the rows of the step, one element for each slice
     * @throws InvalidFrameException if a table would be wrong; nothing has changed then
     */
    List<SequenceRows> apply(List<Long> released, List<SequenceSlice> slices) {
        Map<Long, int[]> next = new LinkedHashMap<>();
        for (SequenceSlice slice : slices) {
            check(slice.getSequence() != 0, "a sequence is 0");
            check(next.put(slice.getSequence(), next(slice)) == null, "two slices of %s", name(slice));
        }
        Set<Long> dropped = new HashSet<>(released);
        check(next.keySet().stream().noneMatch(dropped::contains), "a sequence is released and sliced in one step");

        Set<Long> changed = new HashSet<>(dropped);
        changed.addAll(next.keySet());
        List<int[]> before =
                changed.stream().map(tables::get).filter(Objects::nonNull).toList();
        recount(before, next.values());
        try {
            List<SequenceRows> rows = rows(slices, next);
            tables.keySet().removeAll(dropped);
            tables.putAll(next);
            return rows;
        } catch (InvalidFrameException e) {
            recount(next.values(), before);
            throw e;
        }
    }

    private int[] next(SequenceSlice slice) {
        int[] parent = parent(slice);
        int kept = slice.getKeptBlocks();
        check(kept >= 0 && kept <= parent.length, "%s keeps %s blocks", name(slice), Integer.toUnsignedString(kept));
        int added = slice.getNewBlocksCount();
        check(added <= users.length - kept, "%s has more blocks than there are", name(slice));
        int[] table = added == 0 && kept == parent.length ? parent : Arrays.copyOf(parent, kept + added);
        for (int i = 0; i < added; i++) {
            int block = slice.getNewBlocks(i);
            check(
                    block >= 0 && block < users.length,
                    "%s has no block %s",
                    name(slice),
                    Integer.toUnsignedString(block));
            table[kept + i] = block;
        }
        int start = slice.getStart();
        int length = slice.getLength();
        check(start >= 0 && length > 0 && start + length > 0, "%s has %s rows from %s", name(slice), length, start);
        int decoded = slice.getDecoded();
        check(decoded >= 0 && decoded <= length, "%s has %s of %s rows decoded", name(slice), decoded, length);
        check(
                start + length <= (long) table.length * blockSize,
                "%s blocks of %s do not cover %s",
                table.length,
                name(slice),
                start + length);
        return table;
    }

    private int[] parent(SequenceSlice slice) {
        if (slice.getParent() == 0) {
            return tables.getOrDefault(slice.getSequence(), NONE);
        }
        int[] parent = tables.get(slice.getParent());
        check(parent != null, "%s has an unknown parent", name(slice));
        return Objects.requireNonNull(parent);
    }

    private List<SequenceRows> rows(List<SequenceSlice> slices, Map<Long, int[]> next) {
        List<SequenceRows> rows = new ArrayList<>(slices.size());
        for (SequenceSlice slice : slices) {
            int[] blocks = Objects.requireNonNull(next.get(slice.getSequence()));
            int end = slice.getStart() + slice.getLength();
            for (int i = slice.getStart() / blockSize; i * blockSize < end; i++) {
                check(users[blocks[i]] == 1, "%s writes block %s, which is shared", name(slice), blocks[i]);
            }
            rows.add(new SequenceRows(slice.getStart(), slice.getLength(), blocks, slice.getDecoded()));
        }
        return rows;
    }

    private void recount(Iterable<int[]> out, Iterable<int[]> in) {
        for (int[] table : out) {
            for (int block : table) {
                if (--users[block] == 0) {
                    blocksInUse--;
                }
            }
        }
        for (int[] table : in) {
            for (int block : table) {
                if (users[block]++ == 0) {
                    blocksInUse++;
                }
            }
        }
    }

    private static String name(SequenceSlice slice) {
        return "sequence " + Long.toUnsignedString(slice.getSequence());
    }
}
