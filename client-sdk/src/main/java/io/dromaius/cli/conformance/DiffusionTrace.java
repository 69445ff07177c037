package io.dromaius.cli.conformance;

import io.dromaius.model.diffusion.UNetWeights;
import io.dromaius.model.diffusion.VaeWeights;
import io.dromaius.model.spec.UNetSpec;
import io.dromaius.model.spec.VaeSpec;
import io.dromaius.model.torch.Device;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.ScriptModule;
import io.dromaius.model.torch.Tensor;
import io.dromaius.model.weights.Checkpoint;
import io.dromaius.model.weights.NamedWeights;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** UNet and VAE taken apart: the first call of the UNet from the stored latents, the VAE from the last of them. */
final class DiffusionTrace implements AutoCloseable {
    private final UNetSpec unetSpec;
    private final int[] heads;
    private final NamedWeights unetWeights;
    private final NamedWeights vaeWeights;
    private final ScriptModule unet;
    private final ScriptModule unetTrace;
    private final ScriptModule vae;
    private final ScriptModule vaeTrace;

    DiffusionTrace(Checkpoint checkpoint) {
        unetSpec = UNetSpec.read(checkpoint.diffusion().resolve("unet/config.json"));
        VaeSpec vaeSpec = VaeSpec.read(checkpoint.diffusion().resolve("vae/config.json"));
        heads = unetSpec.heads().stream().mapToInt(Integer::intValue).toArray();
        unetWeights = NamedWeights.load(checkpoint.component("unet"), UNetWeights.of(unetSpec), Dtype.FP32, Device.CPU);
        vaeWeights = NamedWeights.load(
                VaeWeights.renamed(checkpoint.component("vae")), VaeWeights.of(vaeSpec), Dtype.FP32, Device.CPU);
        unet = ScriptModule.load(
                "unet",
                "UNet",
                Map.of(
                        "groups", unetSpec.groups(),
                        "eps", unetSpec.normEps(),
                        "cos_first", unetSpec.cosFirst(),
                        "freq_shift", unetSpec.frequencyShift()));
        unetTrace = ScriptModule.load(
                "conformance", "UNetTrace", Map.of("groups", unetSpec.groups(), "eps", unetSpec.normEps()));
        Map<String, Object> vaeAttributes = Map.of("groups", vaeSpec.groups(), "scaling", vaeSpec.scaling());
        vae = ScriptModule.load("vae", "VaeDecoder", vaeAttributes);
        vaeTrace = ScriptModule.load("conformance", "VaeTrace", vaeAttributes);
    }

    /** Compares one tensor of a run's file; {@code file} holds its neighbours. */
    void compare(GoldenTensor expected, Map<String, GoldenTensor> file, int timestep, Findings findings) {
        String name = expected.name();
        boolean ofVae = name.startsWith("vae_");
        float[] actual = (ofVae ? vae(file) : unet(file, timestep)).get(name);
        if (actual == null) {
            findings.fail("nothing is known of such a tensor");
        } else {
            findings.close(name, expected.floats(), actual, ofVae ? Tolerances.VAE : Tolerances.UNET);
        }
    }

    private Map<String, float[]> unet(Map<String, GoldenTensor> file, int timestep) {
        GoldenTensor embeddings = Objects.requireNonNull(file.get("prompt_embeds"), "no prompt_embeds");
        GoldenTensor latents = Objects.requireNonNull(file.get("initial_latents"), "no initial_latents");
        int rows = embeddings.size(0);
        long[] timesteps = new long[rows];
        Arrays.fill(timesteps, timestep);
        Map<String, float[]> traced = new HashMap<>();
        try (Tensor context = Tensor.of(embeddings.floats(), shape(embeddings));
                Tensor sample = repeated(latents, rows);
                Tensor time = unet.tensor("time_embedding", unetWeights.dict(), timesteps);
                Tensor noise = unet.tensor("forward", unetWeights.dict(), heads, sample, timesteps, context)) {
            traced.put("unet_in", sample.floats());
            traced.put("unet_time_embedding", time.floats());
            traced.put("unet_out_first", noise.floats());
            List<String> names = blockNames();
            List<Tensor> stages = unetTrace.tensors("forward", unetWeights.dict(), heads, sample, time, context);
            for (int i = 0; i < stages.size(); i++) {
                traced.put(names.get(i), stages.get(i).floats());
                stages.get(i).close();
            }
        }
        return traced;
    }

    private List<String> blockNames() {
        List<String> names = new ArrayList<>(List.of("unet_conv_in"));
        int levels = unetSpec.widths().size();
        for (int i = 0; i < levels; i++) {
            names.add("unet_down_" + i);
        }
        names.add("unet_mid");
        for (int i = 0; i < levels; i++) {
            names.add("unet_up_" + i);
        }
        return names;
    }

    private Map<String, float[]> vae(Map<String, GoldenTensor> file) {
        GoldenTensor steps = Objects.requireNonNull(file.get("latents_per_step"), "no latents_per_step");
        Map<String, float[]> traced = new HashMap<>();
        long[] shape = shape(steps);
        shape[0] = 1;
        try (Tensor latents = Tensor.of(steps.slice(steps.size(0) - 1), shape);
                Tensor decoded = vae.tensor("forward", vaeWeights.dict(), latents)) {
            traced.put("vae_decoded", decoded.floats());
            List<Tensor> stages = vaeTrace.tensors("forward", vaeWeights.dict(), latents);
            traced.put("vae_post_quant", stages.get(0).floats());
            traced.put("vae_mid", stages.get(1).floats());
            stages.forEach(Tensor::close);
        }
        return traced;
    }

    private static Tensor repeated(GoldenTensor latents, int rows) {
        float[] one = latents.floats();
        float[] all = new float[one.length * rows];
        for (int i = 0; i < rows; i++) {
            System.arraycopy(one, 0, all, i * one.length, one.length);
        }
        long[] shape = shape(latents);
        shape[0] = rows;
        return Tensor.of(all, shape);
    }

    private static long[] shape(GoldenTensor tensor) {
        return tensor.shape().stream().mapToLong(Long::longValue).toArray();
    }

    @Override
    public void close() {
        vaeTrace.close();
        vae.close();
        unetTrace.close();
        unet.close();
        vaeWeights.close();
        unetWeights.close();
    }
}
