package io.dromaius.model.diffusion;

import io.dromaius.model.Golden;
import io.dromaius.model.GoldenTensors;
import io.dromaius.model.spec.SafetySpec;
import io.dromaius.model.spec.UNetSpec;
import io.dromaius.model.spec.VaeSpec;
import io.dromaius.model.torch.Device;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.ScriptModule;
import io.dromaius.model.torch.Tensor;
import io.dromaius.model.vision.ClipPreprocessor;
import io.dromaius.model.vision.Pictures;
import io.dromaius.model.vision.RgbImage;
import io.dromaius.model.weights.Checkpoint;
import io.dromaius.model.weights.NamedWeights;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each network alone, from the reference's own inputs to it. */
class DiffusionStagesTest {
    @ParameterizedTest
    @ValueSource(strings = {"text10", "text50", "text10_nocfg", "blend10", "blend4", "context10"})
    void theFirstNoise(String run) {
        GoldenTensors golden = GoldenTensors.read("cases/diffusion/" + run + ".safetensors");
        Checkpoint checkpoint = Checkpoint.open(Golden.path("emu-tiny"));
        UNetSpec spec = UNetSpec.read(checkpoint.diffusion().resolve("unet/config.json"));
        int rows = (int) golden.shape("prompt_embeds")[0];
        int timestep = Golden.json("cases/diffusion/diffusion.json")
                .required("cases")
                .required(run)
                .required("timesteps")
                .get(0)
                .asInt();
        long[] timesteps = new long[rows];
        Arrays.fill(timesteps, timestep);
        try (NamedWeights weights =
                        NamedWeights.load(checkpoint.component("unet"), UNetWeights.of(spec), Dtype.FP32, Device.CPU);
                ScriptModule script = ScriptModule.load(
                        "unet", "UNet", Map.of("groups", 16, "eps", 1e-5, "cos_first", true, "freq_shift", 0));
                Tensor sample = Tensor.of(repeated(golden.floats("initial_latents"), rows), rows, 4, 16, 16);
                Tensor context = Tensor.of(golden.floats("prompt_embeds"), rows, 32, 64);
                Tensor noise =
                        script.tensor("forward", weights.dict(), new int[] {8, 8, 8, 8}, sample, timesteps, context);
                Tensor time = script.tensor("time_embedding", weights.dict(), timesteps)) {
            golden.assertClose("unet_out_first", noise.floats(), 2e-4);
            if (golden.has("unet_time_embedding")) {
                golden.assertClose("unet_time_embedding", time.floats(), 1e-5);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"text10", "text50", "text10_nocfg", "blend10", "blend4", "context10"})
    void thePictureBeforeItIsClipped(String run) {
        GoldenTensors golden = GoldenTensors.read("cases/diffusion/" + run + ".safetensors");
        Checkpoint checkpoint = Checkpoint.open(Golden.path("emu-tiny"));
        VaeSpec spec = VaeSpec.read(checkpoint.diffusion().resolve("vae/config.json"));
        float[] steps = golden.floats("latents_per_step");
        try (NamedWeights weights = NamedWeights.load(
                        VaeWeights.renamed(checkpoint.component("vae")), VaeWeights.of(spec), Dtype.FP32, Device.CPU);
                ScriptModule script = ScriptModule.load(
                        "vae", "VaeDecoder", Map.of("groups", spec.groups(), "scaling", spec.scaling()));
                Tensor latents = Tensor.of(Arrays.copyOfRange(steps, steps.length - 1024, steps.length), 1, 4, 16, 16);
                Tensor picture = script.tensor("forward", weights.dict(), latents)) {
            golden.assertClose("vae_decoded", picture.floats(), 2e-4);
        }
    }

    @Test
    void theSafetyCheckersEmbedding() throws IOException {
        Checkpoint checkpoint = Checkpoint.open(Golden.path("emu-tiny"));
        SafetySpec spec = SafetySpec.read(checkpoint.diffusion().resolve("safety_checker/config.json"));
        ClipPreprocessor preprocessor =
                ClipPreprocessor.read(checkpoint.diffusion().resolve("feature_extractor/preprocessor_config.json"));
        RgbImage seen = preprocessor.crop(Pictures.golden("cases/diffusion/text10_before_safety.png"));
        FloatBuffer pixels = FloatBuffer.allocate(seen.samples().length);
        preprocessor.normalise(seen, pixels);
        try (NamedWeights weights = NamedWeights.load(
                        checkpoint.component("safety_checker"), SafetyWeights.of(spec, 17, 3), Dtype.FP32, Device.CPU);
                ScriptModule script = ScriptModule.load(
                        "clip", "SafetyChecker", Map.of("heads", spec.heads(), "eps", spec.normEps()));
                Tensor batch = Tensor.of(pixels.array(), 1, 3, 224, 224);
                Tensor embedding = script.tensor("embed", weights.dict(), batch)) {
            GoldenTensors.read("cases/diffusion/text10.safetensors")
                    .assertClose("clip_image_embeds", embedding.floats(), 5e-3);
        }
    }

    private static float[] repeated(float[] values, int times) {
        float[] all = new float[values.length * times];
        for (int i = 0; i < times; i++) {
            System.arraycopy(values, 0, all, i * values.length, values.length);
        }
        return all;
    }
}
