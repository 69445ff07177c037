package io.dromaius.coordinator.kv;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import com.google.common.primitives.ImmutableIntArray;
import java.util.Arrays;
import java.util.List;

/**
 * The blocks that hold one sequence's positions, in order; each counted as one reference until {@link #release}.
 * Blocks may be shared with other tables; they are copied before they are written.
 */
public final class BlockTable {
    private final BlockPool pool;
    private final int blockSize;
    private int[] blocks;
    private int size;

    public BlockTable(BlockPool pool, int blockSize) {
        this(pool, blockSize, new int[8], 0);
    }

    private BlockTable(BlockPool pool, int blockSize, int[] blocks, int size) {
        this.pool = pool;
        this.blockSize = blockSize;
        this.blocks = blocks;
        this.size = size;
    }

    public ImmutableIntArray blocks() {
        return ImmutableIntArray.copyOf(Arrays.copyOf(blocks, size));
    }

    /** Another table over the blocks of the first {@code positions} positions. */
    public BlockTable fork(int positions) {
        int count = blocksFor(positions, blockSize);
        checkArgument(count <= size, "fork at %s of %s blocks", positions, size);
        for (int i = 0; i < count; i++) {
            pool.share(blocks[i]);
        }
        return new BlockTable(pool, blockSize, Arrays.copyOf(blocks, Math.max(8, count)), count);
    }

    /**
     * Makes positions [start, end) this table's own to write, {@code start} being the first not yet written: shared
     * blocks among them are replaced (and copied where they hold earlier positions), missing ones allocated. The pool
     * must have what {@link BlockDemand} counts.
     */
    public void write(int start, int end, List<BlockCopy> copies) {
        checkState(blocksFor(start, blockSize) <= size, "write at %s of %s blocks", start, size);
        int have = Math.min(size, blocksFor(end, blockSize));
        for (int i = start / blockSize; i < have; i++) {
            if (pool.references(blocks[i]) > 1) {
                int own = pool.allocate(i == 0 ? -1 : blocks[i - 1], 1)[0];
                if (start > i * blockSize) {
                    copies.add(new BlockCopy(blocks[i], own));
                }
                pool.release(blocks[i]);
                blocks[i] = own;
            }
        }
        grow(blocksFor(end, blockSize));
    }

    /** Gives every block back; the table is empty afterwards. */
    public void release() {
        for (int i = 0; i < size; i++) {
            pool.release(blocks[i]);
        }
        size = 0;
    }

    int size() {
        return size;
    }

    int block(int index) {
        return blocks[index];
    }

    BlockPool pool() {
        return pool;
    }

    int blockSize() {
        return blockSize;
    }

    private void grow(int count) {
        if (count <= size) {
            return;
        }
        if (count > blocks.length) {
            blocks = Arrays.copyOf(blocks, Math.max(count, 2 * blocks.length));
        }
        int[] fresh = pool.allocate(size == 0 ? -1 : blocks[size - 1], count - size);
        System.arraycopy(fresh, 0, blocks, size, fresh.length);
        size = count;
    }

    /** Blocks that hold {@code positions} positions. */
    public static int blocksFor(int positions, int blockSize) {
        return (positions + blockSize - 1) / blockSize;
    }
}
