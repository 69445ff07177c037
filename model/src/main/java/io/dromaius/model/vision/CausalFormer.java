package io.dromaius.model.vision;

import io.dromaius.model.spec.CausalFormerSpec;
import io.dromaius.model.torch.Device;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.ScriptModule;
import io.dromaius.model.torch.Tensor;
import io.dromaius.model.weights.NamedWeights;
import io.dromaius.model.weights.WeightSource;
import java.util.Map;

/** The causal transformer: a picture's features, as many as they are, to a fixed number of visual embeddings. */
public final class CausalFormer implements AutoCloseable {
    private final NamedWeights weights;
    private final ScriptModule script;

    private CausalFormer(NamedWeights weights, CausalFormerSpec spec) {
        this.weights = weights;
        this.script = ScriptModule.load(
                "causal_former",
                "CausalFormer",
                Map.of(
                        "layers", spec.layers(),
                        "heads", spec.heads(),
                        "buckets", spec.buckets(),
                        "max_distance", spec.maxDistance(),
                        "eps", spec.normEps()));
    }

    /**
     * Reads the weights.
     *
     * @param features width of what it reads
     * @param hidden width of the embeddings it gives
     * @throws io.dromaius.model.spec.CheckpointException if a tensor is missing or broken
     */
    public static CausalFormer load(
            WeightSource source, CausalFormerSpec spec, int features, int hidden, Dtype dtype, Device device) {
        long inner = source.shape("cformer.cformer.block.0.layer.2.DenseReluDense.wi.weight")
                .get(0);
        return new CausalFormer(
                NamedWeights.load(source, VisionWeights.causalFormer(spec, inner, features, hidden), dtype, device),
                spec);
    }

    /** Features [n, tokens, width] to embeddings [n, queries, hidden], same dtype and device. */
    public Tensor embeddings(Tensor features) {
        return script.tensor("forward", weights.dict(), features);
    }

    @Override
    public void close() {
        script.close();
        weights.close();
    }
}
