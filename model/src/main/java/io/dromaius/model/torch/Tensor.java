package io.dromaius.model.torch;

import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A native array with one owner, who closes it. Not thread-safe; two threads may read different tensors.
 *
 * <p>A tensor that wraps a Java buffer, and whatever a script returns that aliases it, stay valid only while that buffer is
 * reachable: the wrapping tensor must outlive its aliases. Scripts must not write to a tensor that wraps a read-only mapping.
 */
public final class Tensor implements AutoCloseable {
    private final PtNDArray array;
    private final Dtype dtype;
    private final long[] shape;
    /** Memory the native side points into but does not own. */
    private @Nullable ByteBuffer memory;

    Tensor(PtNDArray array) {
        this.array = array;
        this.dtype = Dtype.of(array.getDataType());
        this.shape = array.getShape().getShape();
    }

    /**
     * A CPU tensor over the remaining bytes of a direct buffer, without a copy.
     *
     * @throws IllegalArgumentException if the buffer is not direct or not exactly as long as dtype and shape say
     */
    public static Tensor wrap(Dtype dtype, long[] shape, ByteBuffer direct) {
        long expected = dtype.bytes() * elements(shape);
        if (!direct.isDirect() || direct.remaining() != expected) {
            throw new IllegalArgumentException("%s%s needs a direct buffer of %d bytes, not %s"
                    .formatted(dtype, Arrays.toString(shape), expected, direct));
        }
        ByteBuffer memory = direct.slice();
        PtNDArray raw = JniUtils.createNdFromByteBuffer(
                Torch.manager(), memory, new Shape(shape), dtype.carrier(), SparseFormat.DENSE, ai.djl.Device.cpu());
        Tensor tensor = new Tensor(raw);
        if (dtype == Dtype.BF16) {
            try (Tensor carrier = tensor) {
                tensor = Tensors.asBf16(carrier);
            }
        }
        tensor.memory = memory;
        return tensor;
    }

    /** A zero-filled tensor. */
    public static Tensor zeros(Device device, Dtype dtype, long... shape) {
        return Tensors.zeros(device, dtype, shape);
    }

    /** A CPU fp32 tensor with a copy of the values. */
    public static Tensor of(float[] values, long... shape) {
        ByteBuffer memory = allocate(values.length * 4L);
        memory.asFloatBuffer().put(values);
        return wrap(Dtype.FP32, shape, memory);
    }

    /** A CPU int64 tensor with a copy of the values. */
    public static Tensor of(long[] values, long... shape) {
        ByteBuffer memory = allocate(values.length * 8L);
        memory.asLongBuffer().put(values);
        return wrap(Dtype.INT64, shape, memory);
    }

    public Dtype dtype() {
        return dtype;
    }

    public long[] shape() {
        return shape.clone();
    }

    /** Size of one dimension; negative counts from the last. */
    public long size(int dimension) {
        return shape[dimension < 0 ? shape.length + dimension : dimension];
    }

    public long elements() {
        return elements(shape);
    }

    public Device device() {
        ai.djl.Device device = array.getDevice();
        return device.isGpu() ? new Device(device.getDeviceId()) : Device.CPU;
    }

    /**
     * The elements as little-endian bytes: a view of this tensor's memory, valid until it is closed.
     *
     * @throws IllegalStateException if the tensor is not on the CPU
     */
    public ByteBuffer bytes() {
        if (!device().isCpu()) {
            throw new IllegalStateException("bytes of a tensor on " + device());
        }
        if (elements() == 0) {
            return allocate(0);
        }
        return array.toByteBuffer(true).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The elements converted to fp32, on the heap. */
    public float[] floats() {
        try (Tensor copy = to(Device.CPU, Dtype.FP32)) {
            float[] values = new float[Math.toIntExact(elements())];
            copy.bytes().asFloatBuffer().get(values);
            return values;
        }
    }

    /** Whether every element is a number and not infinite; looked at where the tensor is. */
    public boolean isFinite() {
        return Tensors.isFinite(this);
    }

    /** The elements converted to int64, on the heap. */
    public long[] longs() {
        try (Tensor copy = to(Device.CPU, Dtype.INT64)) {
            long[] values = new long[Math.toIntExact(elements())];
            copy.bytes().asLongBuffer().get(values);
            return values;
        }
    }

    /** A contiguous copy in the given form; a copy even if nothing changes. */
    public Tensor to(Device device, Dtype wanted) {
        return Tensors.copy(this, device, wanted);
    }

    /** Rows [start, end) of the first dimension: a view, which this tensor must outlive. */
    public Tensor rows(long start, long end) {
        return Tensors.rows(this, start, end);
    }

    @Override
    public void close() {
        array.close();
        memory = null;
    }

    @Override
    public String toString() {
        return dtype + Arrays.toString(shape) + (memory == null ? "" : " over Java memory");
    }

    PtNDArray array() {
        return array;
    }

    static long elements(long[] shape) {
        long count = 1;
        for (long size : shape) {
            count = Math.multiplyExact(count, size);
        }
        return count;
    }

    private static ByteBuffer allocate(long bytes) {
        return ByteBuffer.allocateDirect(Math.toIntExact(bytes)).order(ByteOrder.LITTLE_ENDIAN);
    }
}
