package io.dromaius.model.diffusion;

import io.dromaius.model.spec.VaeSpec;
import io.dromaius.model.torch.Device;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.ScriptModule;
import io.dromaius.model.torch.Tensor;
import io.dromaius.model.vision.RgbImage;
import io.dromaius.model.weights.NamedWeights;
import io.dromaius.model.weights.WeightSource;
import java.util.Map;

/** Latents to pixels, in fp32: once a picture, where bf16 would show in the 8-bit samples. Not thread-safe. */
final class VaeDecoder implements AutoCloseable {
    private final NamedWeights weights;
    private final ScriptModule script;

    private VaeDecoder(NamedWeights weights, VaeSpec spec) {
        this.weights = weights;
        this.script =
                ScriptModule.load("vae", "VaeDecoder", Map.of("groups", spec.groups(), "scaling", spec.scaling()));
    }

    static VaeDecoder load(WeightSource source, VaeSpec spec, Device device) {
        return new VaeDecoder(
                NamedWeights.load(VaeWeights.renamed(source), VaeWeights.of(spec), Dtype.FP32, device), spec);
    }

    /**
     * The picture that latents [1, channels, h, w] stand for.
     *
     * @throws NotFiniteException if a sample is not finite; clipped to bytes it would be black, white or anything
     */
    RgbImage decode(Tensor latents) {
        try (Tensor picture = script.tensor("forward", weights.dict(), latents)) {
            if (!picture.isFinite()) {
                throw new NotFiniteException("the decoded picture is not finite");
            }
            return rgb(picture);
        }
    }

    private RgbImage rgb(Tensor picture) {
        try (Tensor pixels = script.tensor("pixels", picture);
                Tensor host = pixels.to(Device.CPU, Dtype.UINT8)) {
            byte[] samples = new byte[Math.toIntExact(host.elements())];
            host.bytes().get(samples);
            return new RgbImage((int) host.size(2), (int) host.size(1), samples);
        }
    }

    @Override
    public void close() {
        script.close();
        weights.close();
    }
}
