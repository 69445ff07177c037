package io.dromaius.model.weights;

import io.dromaius.model.spec.CheckpointException;
import io.dromaius.model.torch.Device;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.Tensor;
import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32;

/** Tensors of files, each mapped when it is read. */
final class MappedWeights implements WeightSource {
    private final Map<String, StoredTensor> index;
    private final Path origin;
    private final FileCheck check;
    private long mappedBytes;
    private long copiedBytes;

    /** Called before bytes of a file are used. */
    interface FileCheck {
        void verify(StoredTensor tensor);
    }

    /** @param origin what to name when a tensor is missing */
    MappedWeights(Path origin, Map<String, StoredTensor> index, FileCheck check) {
        this.origin = origin;
        this.index = Map.copyOf(index);
        this.check = check;
    }

    @Override
    public Set<String> names() {
        return index.keySet();
    }

    @Override
    public List<Long> shape(String name) {
        return stored(name).shape();
    }

    @Override
    public Tensor tensor(String name, Dtype dtype) {
        StoredTensor stored = stored(name);
        check.verify(stored);
        MappedByteBuffer storage = map(stored);
        if (!stored.isContiguous()) {
            return gather(stored, storage, dtype);
        }
        int start = Math.toIntExact(stored.start() * stored.dtype().bytes());
        Tensor mapped = Tensor.wrap(
                stored.dtype(),
                WeightMath.array(stored.shape()),
                storage.slice(start, Math.toIntExact(stored.bytes())));
        if (stored.dtype() == dtype) {
            mappedBytes += stored.bytes();
            return mapped;
        }
        try (mapped) {
            return counted(mapped.to(Device.CPU, dtype));
        }
    }

    @Override
    public long mappedBytes() {
        return mappedBytes;
    }

    @Override
    public long copiedBytes() {
        return copiedBytes;
    }

    private Tensor gather(StoredTensor stored, MappedByteBuffer storage, Dtype dtype) {
        long elements = storage.capacity() / stored.dtype().bytes();
        try (Tensor all = Tensor.wrap(stored.dtype(), new long[] {elements}, storage);
                Tensor view = WeightMath.strided(all, stored)) {
            return counted(view.to(Device.CPU, dtype));
        }
    }

    private Tensor counted(Tensor copy) {
        copiedBytes += copy.elements() * copy.dtype().bytes();
        return copy;
    }

    private StoredTensor stored(String name) {
        StoredTensor stored = index.get(name);
        if (stored == null) {
            throw new CheckpointException(origin, "has no tensor " + name);
        }
        return stored;
    }

    private static MappedByteBuffer map(StoredTensor tensor) {
        StoredTensor.Storage storage = tensor.storage();
        if (storage.bytes() > Integer.MAX_VALUE) {
            throw new CheckpointException(storage.file(), "tensor " + tensor.name() + " is larger than 2 GiB");
        }
        try (FileChannel channel = FileChannel.open(storage.file(), StandardOpenOption.READ)) {
            if (storage.offset() + storage.bytes() > channel.size()) {
                throw new CheckpointException(storage.file(), "truncated inside tensor " + tensor.name());
            }
            MappedByteBuffer bytes = channel.map(FileChannel.MapMode.READ_ONLY, storage.offset(), storage.bytes());
            bytes.load();
            if (storage.crc32() != 0) {
                CRC32 crc = new CRC32();
                crc.update(bytes.duplicate());
                if (crc.getValue() != storage.crc32()) {
                    throw new CheckpointException(storage.file(), "corrupt: wrong CRC-32 of tensor " + tensor.name());
                }
            }
            return bytes;
        } catch (IOException e) {
            throw new CheckpointException(storage.file(), "tensor " + tensor.name() + ": " + e.getMessage(), e);
        }
    }
}
