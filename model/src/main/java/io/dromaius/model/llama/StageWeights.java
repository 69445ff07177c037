package io.dromaius.model.llama;

import io.dromaius.model.torch.ScriptModule;
import io.dromaius.model.torch.Tensor;
import io.dromaius.model.weights.WeightSource;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads a stage's weights onto its device. */
final class StageWeights {
    /** How far rows may be filled up, see {@code linear()} in {@code ops.py}: what costs least first. */
    private static final List<Integer> WAYS = List.of(2, 16, 64);

    private final WeightSource source;
    private final StageOptions options;
    private final Map<List<Long>, Tensor> factors = new HashMap<>();

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

    /** Reads a matrix that rows are multiplied with. It stays the caller's, and has to be open when {@link #filled} is asked. */
    Tensor readFactor(String name, long... shape) {
        Tensor factor = read(name, shape);
        factors.putIfAbsent(Arrays.stream(shape).boxed().toList(), factor);
        return factor;
    }

    /**
     * How far {@code linear} is to fill up rows; 0 if it need not. Found out by trying, with one factor of each shape.
     *
     * @throws NotInvariantException if rows are to come out the same in any company and do not in any way
     */
    int filled() {
        if (!options.batchInvariant()) {
            return 0;
        }
        try (ScriptModule script = ScriptModule.load("invariance", "Invariance")) {
            return WAYS.stream()
                    .filter(way -> factors.values().stream().allMatch(factor -> holds(script, factor, way)))
                    .findFirst()
                    .orElseThrow(() -> new NotInvariantException("products with " + factors.values()
                            + " hang on the number of rows, on this processor with these threads"));
        }
    }

    private static boolean holds(ScriptModule script, Tensor factor, int filled) {
        try (Tensor same = script.tensor("holds", factor, filled)) {
            return same.longs()[0] == 1;
        }
    }
}
