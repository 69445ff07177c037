package io.dromaius.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/** The arrays of one golden {@code .safetensors} file, read without the code under test. */
public final class GoldenTensors {
    private final JsonNode header;
    private final ByteBuffer data;

    private GoldenTensors(JsonNode header, ByteBuffer data) {
        this.header = header;
        this.data = data;
    }

    public static GoldenTensors read(String relative) {
        Path path = Golden.path(relative);
        try {
            ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN);
            byte[] json = new byte[Math.toIntExact(file.getLong())];
            file.get(json);
            return new GoldenTensors(
                    new ObjectMapper().readTree(json), file.slice().order(ByteOrder.LITTLE_ENDIAN));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public boolean has(String name) {
        return header.has(name);
    }

    public long[] shape(String name) {
        JsonNode shape = header.required(name).required("shape");
        long[] sizes = new long[shape.size()];
        for (int i = 0; i < sizes.length; i++) {
            sizes[i] = shape.get(i).asLong();
        }
        return sizes;
    }

    public float[] floats(String name) {
        assertThat(header.required(name).required("dtype").asText()).isEqualTo("F32");
        ByteBuffer bytes = bytes(name);
        float[] values = new float[bytes.remaining() / 4];
        bytes.asFloatBuffer().get(values);
        return values;
    }

    public byte[] u8(String name) {
        assertThat(header.required(name).required("dtype").asText()).isEqualTo("U8");
        ByteBuffer bytes = bytes(name);
        byte[] values = new byte[bytes.remaining()];
        bytes.get(values);
        return values;
    }

    /** Fails unless every value is within {@code tolerance} of the stored one. */
    public void assertClose(String name, float[] actual, double tolerance) {
        assertThat(distance(name, floats(name), actual))
                .as("max abs error of %s", name)
                .isLessThanOrEqualTo(tolerance);
    }

    /** Largest absolute difference; a NaN counts as infinite. */
    public static double distance(String name, float[] expected, float[] actual) {
        assertThat(actual).as(name).hasSameSizeAs(expected);
        double largest = 0;
        for (int i = 0; i < expected.length; i++) {
            double difference = Math.abs((double) expected[i] - actual[i]);
            largest = Math.max(largest, Double.isNaN(difference) ? Double.POSITIVE_INFINITY : difference);
        }
        return largest;
    }

    private ByteBuffer bytes(String name) {
        JsonNode offsets = header.required(name).required("data_offsets");
        int start = offsets.get(0).asInt();
        return data.slice(start, offsets.get(1).asInt() - start).order(ByteOrder.LITTLE_ENDIAN);
    }
}
