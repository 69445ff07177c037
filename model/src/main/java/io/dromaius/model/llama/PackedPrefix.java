package io.dromaius.model.llama;

import io.dromaius.model.torch.Tensor;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** A prefix that steps have read, and what of it is packed: keys and values of the first layers, in turn. */
public final class PackedPrefix implements AutoCloseable {
    private final int[] blocks;
    private final int rows;
    private final List<Tensor> layers = new ArrayList<>();
    private Optional<Tensor> room = Optional.empty();
    private int reads;
    private long lastRead;

    /** @param rows that it is to be read by at most */
    public PackedPrefix(int[] blocks, int rows) {
        this.blocks = blocks.clone();
        this.rows = rows;
    }

    int blockCount() {
        return blocks.length;
    }

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

    /** Whether these sequences may read it. */
    boolean serves(SharedPrefix shared) {
        return shared.rows() <= rows && shared.beginsWith(blocks);
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

    /** Memory that all layers are packed by way of; this prefix's until the last is. */
    Tensor room(Supplier<Tensor> allocation) {
        if (room.isEmpty()) {
            room = Optional.of(allocation.get());
        }
        return room.get();
    }

    /** The next layer's keys and values, this prefix's from now on. */
    void add(List<Tensor> keysAndValues, boolean last) {
        layers.addAll(keysAndValues);
        if (last) {
            freeRoom();
        }
    }

    private void freeRoom() {
        room.ifPresent(Tensor::close);
        room = Optional.empty();
    }

    List<Tensor> layer(int layer) {
        return layers.subList(2 * layer, 2 * layer + 2);
    }

    @Override
    public void close() {
        layers.forEach(Tensor::close);
        layers.clear();
        freeRoom();
    }
}
