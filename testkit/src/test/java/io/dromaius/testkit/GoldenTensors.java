package io.dromaius.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;

/** The float32 tensors of one golden safetensors file. */
final class GoldenTensors {
    private final JsonNode header;
    private final byte[] file;
    private final int data;

    private GoldenTensors(JsonNode header, byte[] file, int data) {
        this.header = header;
        this.file = file;
        this.data = data;
    }

    static GoldenTensors read(String relative) {
        try {
            byte[] file = Files.readAllBytes(Golden.path(relative));
            int length = Math.toIntExact(
                    ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong());
            String json = new String(file, Long.BYTES, length, StandardCharsets.UTF_8);
            return new GoldenTensors(new ObjectMapper().readTree(json), file, Long.BYTES + length);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    ByteString bytes(String name) {
        JsonNode offsets = header.get(name).get("data_offsets");
        int from = offsets.get(0).asInt();
        return ByteString.copyFrom(file, data + from, offsets.get(1).asInt() - from);
    }

    float[] floats(String name) {
        ByteString bytes = bytes(name);
        float[] floats = new float[bytes.size() / Float.BYTES];
        bytes.asReadOnlyByteBuffer()
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer()
                .get(floats);
        return floats;
    }
}
