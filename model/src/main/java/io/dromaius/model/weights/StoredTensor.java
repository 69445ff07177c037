package io.dromaius.model.weights;

import io.dromaius.model.spec.CheckpointException;
import io.dromaius.model.torch.Dtype;
import java.nio.file.Path;
import java.util.List;

/**
 * Where a tensor lies in a file.
 *
 * @param strides distance between neighbours along each dimension, in elements
 * @param start first element, counted from the start of the storage
 */
public record StoredTensor(
        String name, Dtype dtype, List<Long> shape, List<Long> strides, Storage storage, long start) {
    /**
     * A run of bytes in a file.
     *
     * @param crc32 checksum of the bytes, or 0 when the file has none
     */
    public record Storage(Path file, long offset, long bytes, long crc32) {}

    public StoredTensor {
        shape = List.copyOf(shape);
        strides = List.copyOf(strides);
        long last = start;
        boolean empty = false;
        for (int i = 0; i < shape.size(); i++) {
            if (shape.get(i) < 0 || strides.get(i) < 0) {
                throw new CheckpointException(storage.file(), "tensor " + name + " has shape " + shape);
            }
            empty |= shape.get(i) == 0;
            last = Math.addExact(last, Math.multiplyExact(shape.get(i) - 1, strides.get(i)));
        }
        if (start < 0 || (!empty && (last + 1) * dtype.bytes() > storage.bytes())) {
            throw new CheckpointException(
                    storage.file(),
                    "tensor " + name + " of " + dtype + shape + " does not fit into its " + storage.bytes() + " bytes");
        }
    }

    static StoredTensor contiguous(String name, Dtype dtype, List<Long> shape, Storage storage) {
        return new StoredTensor(name, dtype, shape, rowMajor(shape), storage, 0);
    }

    public Path file() {
        return storage.file();
    }

    public long elements() {
        long count = 1;
        for (long size : shape) {
            count = Math.multiplyExact(count, size);
        }
        return count;
    }

    public long bytes() {
        return elements() * dtype.bytes();
    }

    boolean isContiguous() {
        return strides.equals(rowMajor(shape));
    }

    StoredTensor named(String other) {
        return new StoredTensor(other, dtype, shape, strides, storage, start);
    }

    private static List<Long> rowMajor(List<Long> shape) {
        Long[] strides = new Long[shape.size()];
        long stride = 1;
        for (int i = strides.length - 1; i >= 0; i--) {
            strides[i] = stride;
            stride = Math.multiplyExact(stride, Math.max(1, shape.get(i)));
        }
        return List.of(strides);
    }
}
