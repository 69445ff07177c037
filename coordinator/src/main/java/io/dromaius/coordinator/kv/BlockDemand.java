package io.dromaius.coordinator.kv;

import java.util.HashMap;
import java.util.Map;

/** Counts exactly the free blocks that a set of writes will take, before any of them is made. */
public final class BlockDemand {
    private final Map<Integer, Integer> writersOfShared = new HashMap<>();
    private int blocks;

    /** Adds {@link BlockTable#write} of [start, end). */
    public void add(BlockTable table, int start, int end) {
        int wanted = BlockTable.blocksFor(end, table.blockSize());
        blocks += Math.max(0, wanted - table.size());
        for (int i = start / table.blockSize(); i < Math.min(table.size(), wanted); i++) {
            int block = table.block(i);
            int references = table.pool().references(block);
            // Each writer but the last holder takes a block of its own.
            if (references > 1 && writersOfShared.merge(block, 1, Integer::sum) < references) {
                blocks++;
            }
        }
    }

    public int blocks() {
        return blocks;
    }
}
