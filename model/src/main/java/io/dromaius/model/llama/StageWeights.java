package io.dromaius.model.llama;

import io.dromaius.model.torch.ScriptModule;
import io.dromaius.model.torch.Tensor;
import io.dromaius.model.weights.WeightSource;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Reads a stage's weights onto its device. */
final class StageWeights {
    // See linear() in ops.py.
    private static final int ANY = 2;
    private static final int SOME = 16;
    private static final int ALWAYS = 64;

    private final WeightSource source;
    private final StageOptions options;
    private final Set<List<Long>> tried = new HashSet<>();
    private int filled;

    StageWeights(WeightSource source, StageOptions options) {
        this.source = source;
        this.options = options;
        this.filled = options.batchInvariant() ? ANY : 0;
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

    /** Reads a matrix that rows are multiplied with, and tries how if they are to come out the same in any company. */
    Tensor readFactor(String name, long... shape) {
        Tensor factor = read(name, shape);
        if (options.batchInvariant() && tried.add(Arrays.stream(shape).boxed().toList())) {
            try (ScriptModule script = ScriptModule.load("invariance", "Invariance")) {
                while (filled < ALWAYS && !holds(script, factor)) {
                    // Factors before this one were tried with less; ALWAYS needs no trial.
                    filled = filled < SOME && tried.size() == 1 ? SOME : ALWAYS;
                }
            } catch (RuntimeException e) {
                factor.close();
                throw e;
            }
        }
        return factor;
    }

    private boolean holds(ScriptModule script, Tensor factor) {
        try (Tensor same = script.tensor("holds", factor, filled)) {
            return same.longs()[0] == 1;
        }
    }
}
