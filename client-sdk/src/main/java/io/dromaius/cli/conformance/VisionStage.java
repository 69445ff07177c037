package io.dromaius.cli.conformance;

import io.dromaius.model.spec.CausalFormerSpec;
import io.dromaius.model.spec.EmuSpec;
import io.dromaius.model.spec.VitSpec;
import io.dromaius.model.torch.Device;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.ScriptModule;
import io.dromaius.model.torch.Tensor;
import io.dromaius.model.vision.VisionWeights;
import io.dromaius.model.vision.VisualEncoder;
import io.dromaius.model.weights.Checkpoint;
import io.dromaius.model.weights.NamedWeights;
import io.dromaius.model.weights.WeightSource;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** {@code cases/vision}: a batch of pictures through the visual encoder; every tensor of the file is a case. */
final class VisionStage implements Stage {
    private static final String FILE = "vision/vision.safetensors";
    /** What the reference writes for a masked score. */
    private static final float MASKED = -1e29f;

    private final GoldenSet set;

    VisionStage(GoldenSet set) {
        this.set = set;
    }

    @Override
    public String name() {
        return "vision";
    }

    @Override
    public void run(Tally tally) throws IOException {
        List<String> names = Json.strings(set.json("vision/vision.json").get("images"));
        Map<String, float[]> computed = new HashMap<>(trace(names));
        computed.put("cformer", encode(Model.PRETRAIN, names));
        computed.put("instruct.cformer", encode(Model.INSTRUCT, names));
        set.tensors(FILE).forEach((name, expected) -> {
            tally.expect(1);
            float[] actual = computed.get(name);
            if (actual == null) {
                tally.notRun(name, "nothing is known of such a tensor");
            } else if (name.equals("t5_self_attn_bias_plus_mask")) {
                tally.run(name, findings -> compareBias(expected.floats(), actual, findings));
            } else {
                tally.run(name, findings -> compare(name, expected, actual, findings));
            }
        });
    }

    /** The file may hold the first pictures of the batch only. */
    private static void compare(String name, GoldenTensor expected, float[] actual, Findings findings) {
        float[] wanted = expected.floats();
        findings.close(
                name,
                wanted,
                actual.length > wanted.length ? Arrays.copyOf(actual, wanted.length) : actual,
                Tolerances.VISION);
    }

    private static void compareBias(float[] expected, float[] actual, Findings findings) {
        float[] masked = expected.clone();
        for (int i = 0; i < masked.length; i++) {
            masked[i] = masked[i] < MASKED ? Float.NEGATIVE_INFINITY : masked[i];
        }
        findings.close("bias", masked, actual, Tolerances.VISION);
    }

    private float[] encode(Model model, List<String> names) throws IOException {
        Checkpoint checkpoint = Checkpoint.open(set.checkpoint(model));
        try (VisualEncoder encoder = VisualEncoder.load(checkpoint, Dtype.FP32, Device.CPU);
                Tensor embeddings = encoder.encode(new Inputs(set).pictures(names))) {
            return embeddings.floats();
        }
    }

    private Map<String, float[]> trace(List<String> names) throws IOException {
        Checkpoint checkpoint = Checkpoint.open(set.checkpoint(Model.PRETRAIN));
        EmuSpec spec = checkpoint.spec();
        WeightSource source = checkpoint.weights();
        long vitInner = source.shape("visual.blocks.0.mlp.fc1.bias").get(0);
        long formerInner = source.shape("cformer.cformer.block.0.layer.2.DenseReluDense.wi.weight")
                .get(0);
        Map<String, float[]> traced = new HashMap<>();
        try (ScriptModule script = script(spec);
                NamedWeights vit =
                        NamedWeights.load(source, VisionWeights.vit(spec.vit(), vitInner), Dtype.FP32, Device.CPU);
                NamedWeights former = NamedWeights.load(
                        source,
                        VisionWeights.causalFormer(
                                spec.causalFormer(),
                                formerInner,
                                spec.vit().width(),
                                spec.llama().hidden()),
                        Dtype.FP32,
                        Device.CPU);
                Tensor pixels = pixels(names, spec.vit().imageSize())) {
            List<Tensor> stages = script.tensors("vit", vit.dict(), pixels);
            List<Tensor> layers = script.tensors("former", former.dict(), stages.get(stages.size() - 1));
            traced.put("patch_embed_image0", stages.get(0).floats());
            for (int i = 0; i < spec.vit().layers(); i++) {
                traced.put("block_" + i, stages.get(i + 1).floats());
            }
            traced.put("forward_features", stages.get(spec.vit().layers()).floats());
            traced.put("ln_visual", stages.get(stages.size() - 1).floats());
            traced.put("t5_self_attn_bias_plus_mask", layers.get(0).floats());
            for (int i = 0; i < spec.causalFormer().layers(); i++) {
                traced.put("cformer_block_" + i, layers.get(i + 1).floats());
            }
            traced.put("cformer_final_norm", layers.get(layers.size() - 1).floats());
            stages.forEach(Tensor::close);
            layers.forEach(Tensor::close);
        }
        return traced;
    }

    private static ScriptModule script(EmuSpec spec) {
        VitSpec vit = spec.vit();
        CausalFormerSpec former = spec.causalFormer();
        return ScriptModule.load(
                "conformance",
                "VisionTrace",
                Map.of(
                        "layers", vit.layers(),
                        "heads", vit.heads(),
                        "patch", vit.patchSize(),
                        "eps", vit.normEps(),
                        "former_layers", former.layers(),
                        "former_heads", former.heads(),
                        "buckets", former.buckets(),
                        "max_distance", former.maxDistance(),
                        "former_eps", former.normEps()));
    }

    private Tensor pixels(List<String> names, int side) throws IOException {
        float[] batch = new float[names.size() * 3 * side * side];
        for (int i = 0; i < names.size(); i++) {
            float[] one = new Inputs(set).pixels(names.get(i), side);
            System.arraycopy(one, 0, batch, i * one.length, one.length);
        }
        return Tensor.of(batch, names.size(), 3, side, side);
    }
}
