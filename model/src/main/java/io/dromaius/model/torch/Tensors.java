package io.dromaius.model.torch;

/** What a tensor needs a script for. */
final class Tensors {
    private static final ScriptModule SCRIPT = ScriptModule.load("tensors", "Tensors");

    private Tensors() {}

    static Tensor asBf16(Tensor carrier) {
        return SCRIPT.tensor("as_bf16", carrier);
    }

    static Tensor zeros(Device device, Dtype dtype, long[] shape) {
        return SCRIPT.tensor("zeros", shape, dtype.code(), device.toString());
    }

    static Tensor copy(Tensor tensor, Device device, Dtype dtype) {
        return SCRIPT.tensor("copy", tensor, dtype.code(), device.toString());
    }

    static boolean isFinite(Tensor tensor) {
        try (Tensor flag = SCRIPT.tensor("finite", tensor)) {
            return flag.bytes().get(0) != 0;
        }
    }

    static Tensor rows(Tensor tensor, long start, long end) {
        return SCRIPT.tensor("rows", tensor, start, end);
    }
}
