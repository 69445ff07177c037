package io.dromaius.model.llama;

import io.dromaius.model.torch.Tensor;
import io.dromaius.model.weights.WeightSource;

/** Reads a stage's weights onto its device. */
final class StageWeights {
    private final WeightSource source;
    private final StageOptions options;

    StageWeights(WeightSource source, StageOptions options) {
        this.source = source;
        this.options = options;
    }

    Tensor read(String name, long... shape) {
        Tensor tensor = source.tensor(name, options.dtype(), shape);
        if (options.device().isCpu()) {
            return tensor;
        }
        try (tensor) {
            return tensor.to(options.device(), options.dtype());
        }
    }
}
