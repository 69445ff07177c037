package io.dromaius.model.diffusion;

import io.dromaius.model.spec.UNetSpec;
import io.dromaius.model.torch.Device;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.ScriptModule;
import io.dromaius.model.torch.Tensor;
import io.dromaius.model.weights.NamedWeights;
import io.dromaius.model.weights.WeightSource;
import java.util.List;
import java.util.Map;

/** The network that sees the noise in a picture's latents. Not thread-safe. */
final class UNet implements AutoCloseable {
    private final NamedWeights weights;
    private final ScriptModule script;
    private final int[] heads;

    private UNet(NamedWeights weights, UNetSpec spec) {
        this.weights = weights;
        this.heads = spec.heads().stream().mapToInt(Integer::intValue).toArray();
        this.script = ScriptModule.load(
                "unet",
                "UNet",
                Map.of(
                        "groups", spec.groups(),
                        "eps", spec.normEps(),
                        "cos_first", spec.cosFirst(),
                        "freq_shift", spec.frequencyShift()));
    }

    static UNet load(WeightSource source, UNetSpec spec, Dtype dtype, Device device) {
        return new UNet(NamedWeights.load(source, UNetWeights.of(spec), dtype, device), spec);
    }

    /**
     * The guided noise of each picture, in one pass.
     *
     * @param latents fp32 [1, channels, h, w] of each, all of one size
     * @param contexts [2, tokens, width] of each, conditional first, or [1, tokens, width] without guidance
     */
    List<Tensor> denoise(List<Tensor> latents, List<Tensor> contexts, int[] timesteps, double[] guidance) {
        return script.tensors("denoise", weights.dict(), heads, latents, contexts, timesteps, guidance);
    }

    @Override
    public void close() {
        script.close();
        weights.close();
    }
}
