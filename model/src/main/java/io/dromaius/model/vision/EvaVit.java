package io.dromaius.model.vision;

import io.dromaius.model.spec.VitSpec;
import io.dromaius.model.torch.Device;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.ScriptModule;
import io.dromaius.model.torch.Tensor;
import io.dromaius.model.weights.NamedWeights;
import io.dromaius.model.weights.WeightSource;
import java.util.Map;

/** EVA-CLIP's vision transformer, without its own last norm and head, which Emu does not use. */
public final class EvaVit implements AutoCloseable {
    private final NamedWeights weights;
    private final ScriptModule script;

    private EvaVit(NamedWeights weights, VitSpec spec) {
        this.weights = weights;
        this.script = ScriptModule.load(
                "eva",
                "EvaVit",
                Map.of(
                        "layers", spec.layers(),
                        "heads", spec.heads(),
                        "patch", spec.patchSize(),
                        "eps", spec.normEps()));
    }

    /** @throws io.dromaius.model.spec.CheckpointException if a tensor is missing or broken */
    public static EvaVit load(WeightSource source, VitSpec spec, Dtype dtype, Device device) {
        long inner = source.shape("visual.blocks.0.mlp.fc1.bias").get(0);
        return new EvaVit(NamedWeights.load(source, VisionWeights.vit(spec, inner), dtype, device), spec);
    }

    /**
     * Pixels [n, 3, side, side] on this model's device, any floating dtype, to features [n, tokens, width] that the causal
     * transformer reads.
     */
    public Tensor features(Tensor pixels) {
        return script.tensor("forward", weights.dict(), pixels);
    }

    @Override
    public void close() {
        script.close();
        weights.close();
    }
}
