package io.dromaius.model.weights;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes a safetensors file whose tensors come one at a time: all are announced first, then written in the same order.
 * Not thread-safe.
 */
public final class SafetensorsWriter implements AutoCloseable {
    private static final int ALIGNMENT = 64;
    private static final Map<Dtype, String> NAMES = names();

    private final FileChannel channel;
    private final List<Announced> announced;
    private int written;

    /** A tensor to come. */
    public record Announced(String name, Dtype dtype, List<Long> shape) {
        public Announced {
            shape = List.copyOf(shape);
        }

        long bytes() {
            long bytes = dtype.bytes();
            for (long size : shape) {
                bytes = Math.multiplyExact(bytes, size);
            }
            return bytes;
        }
    }

    /** Creates the file, which must not exist, and writes its header. */
    public SafetensorsWriter(Path file, List<Announced> tensors) throws IOException {
        this.announced = List.copyOf(tensors);
        this.channel = FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
        try {
            writeFully(header(announced));
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /** Writes the next announced tensor. */
    public void write(Tensor tensor) throws IOException {
        Announced next = announced.get(written++);
        if (tensor.dtype() != next.dtype() || tensor.elements() * tensor.dtype().bytes() != next.bytes()) {
            throw new IllegalArgumentException("announced " + next + ", got " + tensor);
        }
        writeFully(tensor.bytes());
    }

    /** Writes a whole file. */
    public static void write(Path file, Map<String, Tensor> tensors) throws IOException {
        List<Announced> all = new ArrayList<>();
        tensors.forEach((name, tensor) -> all.add(new Announced(
                name,
                tensor.dtype(),
                java.util.Arrays.stream(tensor.shape()).boxed().toList())));
        try (SafetensorsWriter writer = new SafetensorsWriter(file, all)) {
            for (Tensor tensor : tensors.values()) {
                writer.write(tensor);
            }
        }
    }

    /** Forces the content to the disk. */
    @Override
    public void close() throws IOException {
        try (channel) {
            channel.force(true);
        }
    }

    private void writeFully(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private static ByteBuffer header(List<Announced> tensors) throws IOException {
        Map<String, Object> entries = new LinkedHashMap<>();
        long offset = 0;
        for (Announced tensor : tensors) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("dtype", NAMES.get(tensor.dtype()));
            entry.put("shape", tensor.shape());
            entry.put("data_offsets", List.of(offset, offset + tensor.bytes()));
            entries.put(tensor.name(), entry);
            offset += tensor.bytes();
        }
        byte[] json = new ObjectMapper().writeValueAsString(entries).getBytes(StandardCharsets.UTF_8);
        // Spaces bring the data to an address that vector loads like.
        int padded = (8 + json.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT - 8;
        ByteBuffer header = ByteBuffer.allocate(8 + padded).order(ByteOrder.LITTLE_ENDIAN);
        header.putLong(padded).put(json);
        while (header.hasRemaining()) {
            header.put((byte) ' ');
        }
        return header.flip();
    }

    private static Map<Dtype, String> names() {
        Map<Dtype, String> names = new LinkedHashMap<>();
        SafetensorsFile.DTYPES.forEach((name, dtype) -> names.put(dtype, name));
        return names;
    }
}
