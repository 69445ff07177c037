package io.dromaius.model.torch;

import ai.djl.ndarray.types.DataType;
import java.util.Locale;

/** Element type of a {@link Tensor}. Elements are little-endian in memory. */
public enum Dtype {
    FP32(6, 4, DataType.FLOAT32),
    FP16(5, 2, DataType.FLOAT16),
    /** DJL has no name for it that does not abort the process; it travels as fp16 and is renamed inside TorchScript. */
    BF16(15, 2, DataType.FLOAT16),
    FP64(7, 8, DataType.FLOAT64),
    INT64(4, 8, DataType.INT64),
    INT32(3, 4, DataType.INT32),
    INT16(2, 2, DataType.INT16),
    INT8(1, 1, DataType.INT8),
    UINT8(0, 1, DataType.UINT8),
    BOOL(11, 1, DataType.BOOLEAN);

    private final int code;
    private final int bytes;
    private final DataType carrier;

    Dtype(int code, int bytes, DataType carrier) {
        this.code = code;
        this.bytes = bytes;
        this.carrier = carrier;
    }

    /** The number TorchScript knows this type by. */
    public int code() {
        return code;
    }

    /** Bytes of one element. */
    public int bytes() {
        return bytes;
    }

    /** Reads the setting {@code fp32} or {@code bf16} (any case); other element types parse too. */
    public static Dtype parse(String name) {
        try {
            return valueOf(name.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("unknown dtype: " + name, e);
        }
    }

    DataType carrier() {
        return carrier;
    }

    static Dtype of(DataType type) {
        if (type == DataType.UNKNOWN) {
            return BF16;
        }
        for (Dtype dtype : values()) {
            if (dtype.carrier == type) {
                return dtype;
            }
        }
        throw new IllegalArgumentException("no dtype for " + type);
    }
}
