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
    private int filled;

    StageWeights(WeightSource source, StageOptions options) {
        this.source = source;
        this.options = options;
        this.filled = options.batchInvariant() ? WAYS.get(0) : 0;
    }

    /** What {@code linear} has to know to multiply with the factors read so far: how far it fills up rows; 0 if it need not. */
    int filled() {
        return filled;
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

    /**
     * Reads a matrix that rows are multiplied with. If they are to come out the same in any company, finds out how, by
     * trying it with one factor of each shape read so far.
     *
     * @throws NotInvariantException if in none of the ways
     */
    Tensor readFactor(String name, long... shape) {
        Tensor factor = read(name, shape);
        if (options.batchInvariant()
                && factors.putIfAbsent(Arrays.stream(shape).boxed().toList(), factor) == null) {
            try (ScriptModule script = ScriptModule.load("invariance", "Invariance")) {
                filled = WAYS.stream()
                        .filter(way -> way >= filled)
                        .filter(way -> factors.values().stream().allMatch(each -> holds(script, each, way)))
                        .findFirst()
                        .orElseThrow(() -> new NotInvariantException("products with " + factor
                                + " hang on the number of rows, on this processor with these threads"));
            } catch (RuntimeException e) {
                factor.close();
                throw e;
            }
        }
        return factor;
    }

    private static boolean holds(ScriptModule script, Tensor factor, int filled) {
        try (Tensor same = script.tensor("holds", factor, filled)) {
            return same.longs()[0] == 1;
        }
    }
}
