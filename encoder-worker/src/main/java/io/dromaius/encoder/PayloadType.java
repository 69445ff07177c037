package io.dromaius.encoder;

import io.dromaius.model.torch.Dtype;
import io.dromaius.proto.internal.v1.DType;
import java.util.Optional;

/** Element types as the wire and the model call them. */
final class PayloadType {

    private PayloadType() {}

    /** Empty when the wire leaves it open. */
    static Optional<Dtype> of(DType wire) {
        return switch (wire) {
            case D_TYPE_FP32 -> Optional.of(Dtype.FP32);
            case D_TYPE_BF16 -> Optional.of(Dtype.BF16);
            case D_TYPE_FP16 -> Optional.of(Dtype.FP16);
            case D_TYPE_UNSPECIFIED, UNRECOGNIZED -> Optional.empty();
        };
    }

    static DType toWire(Dtype dtype) {
        return switch (dtype) {
            case FP32 -> DType.D_TYPE_FP32;
            case BF16 -> DType.D_TYPE_BF16;
            case FP16 -> DType.D_TYPE_FP16;
            default -> throw new IllegalArgumentException("embeddings do not travel as " + dtype);
        };
    }
}
