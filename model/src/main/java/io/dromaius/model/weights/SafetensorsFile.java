package io.dromaius.model.weights;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dromaius.model.spec.CheckpointException;
import io.dromaius.model.spec.IoReason;
import io.dromaius.model.torch.Dtype;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The safetensors format: length of the header (8 bytes, little-endian), header (JSON), tensors. */
final class SafetensorsFile {
    static final Map<String, Dtype> DTYPES = Map.of(
            "F64", Dtype.FP64,
            "F32", Dtype.FP32,
            "F16", Dtype.FP16,
            "BF16", Dtype.BF16,
            "I64", Dtype.INT64,
            "I32", Dtype.INT32,
            "I16", Dtype.INT16,
            "I8", Dtype.INT8,
            "U8", Dtype.UINT8,
            "BOOL", Dtype.BOOL);

    /** The format's own limit. */
    private static final long MAX_HEADER = 100_000_000;

    private static final ObjectMapper JSON = new ObjectMapper();

    private SafetensorsFile() {}

    static Map<String, StoredTensor> index(Path file) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long size = channel.size();
            long header = read(channel, file, 0, 8).getLong();
            if (header < 2 || header > MAX_HEADER || header > size - 8) {
                throw new CheckpointException(file, "truncated or not safetensors: header of " + header + " bytes");
            }
            JsonNode entries =
                    JSON.readTree(read(channel, file, 8, (int) header).array());
            if (entries == null || !entries.isObject()) {
                throw new CheckpointException(file, "header is not a JSON object");
            }
            Map<String, StoredTensor> index = new LinkedHashMap<>();
            for (Map.Entry<String, JsonNode> entry : entries.properties()) {
                if (!entry.getKey().equals("__metadata__")) {
                    index.put(entry.getKey(), tensor(file, entry.getKey(), entry.getValue(), 8 + header, size));
                }
            }
            return index;
        } catch (IOException e) {
            throw new CheckpointException(file, "cannot be read as safetensors: " + IoReason.of(e), e);
        }
    }

    private static StoredTensor tensor(Path file, String name, JsonNode entry, long data, long size) {
        Dtype dtype = DTYPES.get(entry.path("dtype").asText());
        JsonNode offsets = entry.path("data_offsets");
        if (dtype == null || offsets.size() != 2 || !entry.path("shape").isArray()) {
            throw new CheckpointException(file, "tensor " + name + " is described by " + entry);
        }
        List<Long> shape = new ArrayList<>();
        entry.get("shape").forEach(length -> shape.add(length.asLong(-1)));
        long begin = offsets.get(0).asLong(-1);
        long end = offsets.get(1).asLong(-1);
        if (begin < 0 || end < begin || end > size - data) {
            throw new CheckpointException(
                    file, "truncated: tensor " + name + " ends at byte " + (data + end) + " of " + size);
        }
        StoredTensor tensor = StoredTensor.contiguous(
                name, dtype, shape, new StoredTensor.Storage(file, data + begin, end - begin, 0));
        if (tensor.bytes() != end - begin) {
            throw new CheckpointException(
                    file, "tensor " + name + " of " + dtype + shape + " has " + (end - begin) + " bytes");
        }
        return tensor;
    }

    private static ByteBuffer read(FileChannel channel, Path file, long position, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, position + buffer.position()) < 0) {
                throw new CheckpointException(file, "truncated: ends inside the header");
            }
        }
        return buffer.flip();
    }
}
