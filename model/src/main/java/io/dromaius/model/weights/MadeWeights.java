package io.dromaius.model.weights;

import io.dromaius.model.spec.CheckpointException;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Weights that are made when they are asked for: with no file behind them, nothing is mapped and nothing copied. */
public interface MadeWeights extends WeightSource {
    /** Of every tensor, by name. */
    Map<String, List<Long>> shapes();

    /** Makes a tensor of that name and shape; the caller closes it. */
    Tensor make(String name, Dtype dtype, long[] shape);

    @Override
    default Set<String> names() {
        return shapes().keySet();
    }

    @Override
    default List<Long> shape(String name) {
        List<Long> shape = shapes().get(name);
        if (shape == null) {
            throw new CheckpointException(Path.of("weights made here"), "there is no tensor " + name);
        }
        return shape;
    }

    @Override
    default Tensor tensor(String name, Dtype dtype) {
        return make(name, dtype, shape(name).stream().mapToLong(Long::longValue).toArray());
    }

    @Override
    default long mappedBytes() {
        return 0;
    }

    @Override
    default long copiedBytes() {
        return 0;
    }
}
