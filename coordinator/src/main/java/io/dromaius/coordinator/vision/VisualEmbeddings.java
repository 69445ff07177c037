package io.dromaius.coordinator.vision;

import static com.google.common.base.Preconditions.checkArgument;

import io.dromaius.proto.internal.v1.DType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Visual embeddings [pictures, tokens, width], row-major, little-endian. Immutable; the buffer is on the heap, so that
 * a cache of them needs no owner.
 *
 * @param pictures pictures, or frames of a video
 * @param tokens embeddings of each picture
 */
public record VisualEmbeddings(DType dtype, int pictures, int tokens, int width, ByteBuffer data) {
    public VisualEmbeddings {
        checkArgument(pictures > 0 && tokens > 0 && width > 0, "shape [%s, %s, %s]", pictures, tokens, width);
        data = data.slice().asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
        int expected = pictures * tokens * width * elementBytes(dtype);
        checkArgument(data.remaining() == expected, "%s bytes, expected %s", data.remaining(), expected);
    }

    /** A view of its own position over the shared bytes. */
    @Override
    public ByteBuffer data() {
        return data.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Rows of all pictures together. */
    public int rows() {
        return pictures * tokens;
    }

    public int bytes() {
        return data.remaining();
    }

    /** The same numbers as float32, little-endian. */
    public ByteBuffer toFloat32() {
        if (dtype == DType.D_TYPE_FP32) {
            return data();
        }
        checkArgument(dtype == DType.D_TYPE_BF16, "dtype %s", dtype);
        ByteBuffer source = data();
        ByteBuffer floats = ByteBuffer.allocate(source.remaining() * 2).order(ByteOrder.LITTLE_ENDIAN);
        while (source.hasRemaining()) {
            floats.putInt(source.getShort() << 16); // bf16 is the upper half of a float
        }
        return floats.flip();
    }

    private static int elementBytes(DType dtype) {
        return switch (dtype) {
            case D_TYPE_FP32 -> 4;
            case D_TYPE_BF16, D_TYPE_FP16 -> 2;
            case D_TYPE_UNSPECIFIED, UNRECOGNIZED -> throw new IllegalArgumentException("dtype " + dtype);
        };
    }
}
