package io.dromaius.model.llama;

import io.dromaius.model.spec.LlamaSpec;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.ScriptModule;
import io.dromaius.model.torch.Tensor;
import io.dromaius.model.weights.LlamaWeights;
import io.dromaius.model.weights.MadeWeights;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Seeded random weights of any size, made when they are asked for: standard deviation 0.02. Large ones repeat a part that
 * is drawn, so that gigabytes take seconds. For benchmarks and tests without a checkpoint.
 */
public final class RandomWeights implements MadeWeights {
    private final Map<String, List<Long>> shapes = new LinkedHashMap<>();
    private final List<String> opened = new ArrayList<>();
    private final ScriptModule script = ScriptModule.load("random", "Random");
    private final long seed;

    public RandomWeights(LlamaSpec spec, long seed) {
        this.seed = seed;
        long d = spec.hidden();
        shapes.put(LlamaWeights.EMBEDDING, List.of((long) spec.vocabulary(), d));
        for (int layer = 0; layer < spec.layers(); layer++) {
            List<String> names = LlamaWeights.layer(layer);
            List<List<Long>> layerShapes = LlamaWeights.layerShapes(spec);
            for (int i = 0; i < names.size(); i++) {
                shapes.put(names.get(i), layerShapes.get(i));
            }
        }
        shapes.put(LlamaWeights.FINAL_NORM, List.of(d));
        shapes.put(LlamaWeights.LM_HEAD, List.of((long) spec.vocabulary(), d));
        shapes.put(LlamaWeights.REGRESS_HEAD, List.of(d, d));
    }

    @Override
    public Map<String, List<Long>> shapes() {
        return Collections.unmodifiableMap(shapes);
    }

    @Override
    public Tensor make(String name, Dtype dtype, long[] shape) {
        opened.add(name);
        return script.tensor("normal", shape, 0.02, seed + name.hashCode(), dtype.code());
    }

    /** Names read so far, in order. */
    public List<String> opened() {
        return List.copyOf(opened);
    }
}
