package io.dromaius.model.weights;

import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.ScriptModule;
import io.dromaius.model.torch.Tensor;
import java.util.List;

/** The little arithmetic that loading needs. */
final class WeightMath {
    private static final ScriptModule SCRIPT = ScriptModule.load("weights", "Weights");

    private WeightMath() {}

    /** A view of a storage, which the storage must outlive. */
    static Tensor strided(Tensor storage, StoredTensor tensor) {
        return SCRIPT.tensor("strided", storage, array(tensor.shape()), array(tensor.strides()), tensor.start());
    }

    static Tensor mergeLora(Tensor w, Tensor a, Tensor b, double scale, Dtype dtype) {
        return SCRIPT.tensor("merge_lora", w, a, b, scale, dtype.code());
    }

    static long[] array(List<Long> numbers) {
        return numbers.stream().mapToLong(Long::longValue).toArray();
    }
}
