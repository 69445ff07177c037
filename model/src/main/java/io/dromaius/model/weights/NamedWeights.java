package io.dromaius.model.weights;

import io.dromaius.model.spec.CheckpointException;
import io.dromaius.model.torch.Device;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.ScriptValue;
import io.dromaius.model.torch.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The tensors of a network on its device, as the {@code Dict[str, Tensor]} its script looks them up in. */
public final class NamedWeights implements AutoCloseable {
    private final Map<String, Tensor> tensors;
    private final ScriptValue dict;

    private NamedWeights(Map<String, Tensor> tensors) {
        this.tensors = tensors;
        this.dict = ScriptValue.of(tensors);
    }

    /**
     * Reads the tensors a network needs and no others.
     *
     * @throws CheckpointException if a tensor is missing, broken, or of another shape
     */
    public static NamedWeights load(WeightSource source, WeightShapes shapes, Dtype dtype, Device device) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        try {
            for (Map.Entry<String, List<Long>> entry : shapes.asMap().entrySet()) {
                Tensor stored = source.tensor(entry.getKey(), dtype, WeightMath.array(entry.getValue()));
                tensors.put(entry.getKey(), device.isCpu() ? stored : moved(stored, device));
            }
            return new NamedWeights(tensors);
        } catch (RuntimeException e) {
            tensors.values().forEach(Tensor::close);
            throw e;
        }
    }

    /** The dictionary, for as long as this is open. */
    public ScriptValue dict() {
        return dict;
    }

    @Override
    public void close() {
        dict.close();
        tensors.values().forEach(Tensor::close);
    }

    private static Tensor moved(Tensor stored, Device device) {
        try (stored) {
            return stored.to(device, stored.dtype());
        }
    }
}
