package io.dromaius.coordinator.kv;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import java.util.BitSet;

/**
 * Reference counts of a pipeline's KV blocks. Blocks of one table are handed out adjacent where possible, since a shard
 * reads a run of adjacent blocks without gathering it.
 */
public final class BlockPool {
    /** Left free behind another table's extent, for that table to grow into. */
    private static final int ROOM_TO_GROW = 16;

    private final int[] references;
    private final BitSet free;
    private int freeCount;

    public BlockPool(int blocks) {
        checkArgument(blocks > 0, "%s blocks", blocks);
        references = new int[blocks];
        free = new BitSet(blocks);
        free.set(0, blocks);
        freeCount = blocks;
    }

    public int size() {
        return references.length;
    }

    public int free() {
        return freeCount;
    }

    public int inUse() {
        return references.length - freeCount;
    }

    public int references(int block) {
        return references[block];
    }

    /**
     * Takes {@code count} blocks with one reference each: the ones right after {@code previous} (-1: none) while they
     * are free, then the longest free extents.
     */
    int[] allocate(int previous, int count) {
        checkState(count <= freeCount, "%s blocks wanted, %s free", count, freeCount);
        int[] blocks = new int[count];
        int taken = previous < 0 ? 0 : takeRun(previous + 1, blocks, 0);
        while (taken < count) {
            taken = takeRun(extentFor(count - taken), blocks, taken);
        }
        return blocks;
    }

    void share(int block) {
        checkState(references[block] > 0, "block %s is free", block);
        references[block]++;
    }

    void release(int block) {
        checkState(references[block] > 0, "block %s is free", block);
        if (--references[block] == 0) {
            free.set(block);
            freeCount++;
        }
    }

    private int takeRun(int start, int[] blocks, int taken) {
        int next = taken;
        for (int block = start; next < blocks.length && block < references.length && free.get(block); block++) {
            references[block] = 1;
            free.clear(block);
            freeCount--;
            blocks[next++] = block;
        }
        return next;
    }

    /** Where to begin in the longest free extent: some way in if it is long, for the extent before it to grow. */
    private int extentFor(int count) {
        int longestStart = 0;
        int longest = 0;
        for (int start = free.nextSetBit(0); start >= 0; ) {
            int end = free.nextClearBit(start);
            if (end - start > longest) {
                longestStart = start;
                longest = end - start;
            }
            start = free.nextSetBit(end);
        }
        boolean first = longestStart == 0;
        return first || longest <= count ? longestStart : longestStart + Math.min(ROOM_TO_GROW, (longest - count) / 2);
    }
}
