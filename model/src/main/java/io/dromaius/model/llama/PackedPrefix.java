package io.dromaius.model.llama;

import io.dromaius.model.torch.Tensor;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** A prefix that steps have read, and what of it is packed: keys and values of the first layers, in turn. */
final class PackedPrefix implements AutoCloseable {
    private final int[] blocks;
    private final int rows;
    private final List<Tensor> layers = new ArrayList<>();
    private int reads;
    private long lastRead;

    PackedPrefix(SharedPrefix firstSeen) {
        this.blocks = firstSeen.blocks();
        this.rows = firstSeen.rows();
    }

    int blockCount() {
        return blocks.length;
    }

    /** That it is read by at most. */
    int rows() {
        return rows;
    }

    int reads() {
        return reads;
    }

    long lastRead() {
        return lastRead;
    }

    void readIn(long step) {
        reads++;
        lastRead = step;
    }

    /** Whether these sequences may read it and gain by it: its kernel computes all rows that it was made for. */
    boolean serves(SharedPrefix shared) {
        return shared.rows() <= rows && 2 * shared.rows() >= rows && shared.beginsWith(blocks);
    }

    boolean hasAny(BitSet others) {
        for (int block : blocks) {
            if (others.get(block)) {
                return true;
            }
        }
        return false;
    }

    long[] slots(int blockSize) {
        long[] slots = new long[blocks.length * blockSize];
        for (int i = 0; i < slots.length; i++) {
            slots[i] = (long) blocks[i / blockSize] * blockSize + i % blockSize;
        }
        return slots;
    }

    int layersPacked() {
        return layers.size() / 2;
    }

    /** The next layer's keys and values, this prefix's from now on. */
    void add(List<Tensor> keysAndValues) {
        layers.addAll(keysAndValues);
    }

    List<Tensor> layer(int layer) {
        return layers.subList(2 * layer, 2 * layer + 2);
    }

    @Override
    public void close() {
        layers.forEach(Tensor::close);
        layers.clear();
    }
}
