package io.dromaius.model.vision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.dromaius.model.Golden;
import io.dromaius.model.GoldenTensors;
import io.dromaius.model.spec.CausalFormerSpec;
import io.dromaius.model.spec.VitSpec;
import io.dromaius.model.torch.Device;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.ScriptModule;
import io.dromaius.model.torch.Tensor;
import io.dromaius.model.weights.Checkpoint;
import io.dromaius.model.weights.NamedWeights;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class VisualEncoderTest {
    private static final double TOLERANCE = 1e-4;
    private static final String EXPECTED = "cases/vision/vision.safetensors";

    @Test
    void givesTheReferencesEmbeddings() {
        Checkpoint checkpoint = Checkpoint.open(Golden.path("emu-tiny"));
        try (VisualEncoder encoder = VisualEncoder.load(checkpoint, Dtype.FP32, Device.CPU);
                Tensor embeddings = encoder.encode(pictures())) {
            assertThat(embeddings.shape())
                    .containsExactly(GoldenTensors.read(EXPECTED).shape("cformer"));
            GoldenTensors.read(EXPECTED).assertClose("cformer", embeddings.floats(), TOLERANCE);
        }
    }

    @Test
    void givesTheReferencesEmbeddingsOfTheInstructModel() {
        Checkpoint checkpoint = Checkpoint.open(Golden.path("emu-tiny-instruct"));
        try (VisualEncoder encoder = VisualEncoder.load(checkpoint, Dtype.FP32, Device.CPU);
                Tensor embeddings = encoder.encode(pictures())) {
            GoldenTensors.read(EXPECTED).assertClose("instruct.cformer", embeddings.floats(), TOLERANCE);
        }
    }

    @Test
    void everyLayerIsTheReferences() {
        Checkpoint checkpoint = Checkpoint.open(Golden.path("emu-tiny"));
        VitSpec vit = checkpoint.spec().vit();
        CausalFormerSpec former = checkpoint.spec().causalFormer();
        GoldenTensors golden = GoldenTensors.read(EXPECTED);
        try (ScriptModule script = stages(vit, former);
                NamedWeights vitWeights =
                        NamedWeights.load(checkpoint.weights(), VisionWeights.vit(vit, 384), Dtype.FP32, Device.CPU);
                NamedWeights formerWeights = NamedWeights.load(
                        checkpoint.weights(),
                        VisionWeights.causalFormer(former, 192, vit.width(), 64),
                        Dtype.FP32,
                        Device.CPU);
                Tensor pixels = pixels()) {
            List<Tensor> stages = script.tensors("vit", vitWeights.dict(), pixels);
            firstOf("patch_embed_image0", golden, stages.get(0));
            firstOf("block_0", golden, stages.get(1));
            golden.assertClose("forward_features", stages.get(3).floats(), TOLERANCE);
            firstOf("ln_visual", golden, stages.get(4));

            List<Tensor> layers = script.tensors("former", formerWeights.dict(), stages.get(4));
            assertBias(
                    golden.floats("t5_self_attn_bias_plus_mask"), layers.get(0).floats());
            for (int i = 0; i < 3; i++) {
                golden.assertClose("cformer_block_" + i, layers.get(i + 1).floats(), TOLERANCE);
            }
            golden.assertClose("cformer_final_norm", layers.get(4).floats(), TOLERANCE);
            stages.forEach(Tensor::close);
            layers.forEach(Tensor::close);
        }
    }

    @Test
    void aPictureHasTheSameEmbeddingsAloneAndInABatch() {
        Checkpoint checkpoint = Checkpoint.open(Golden.path("emu-tiny"));
        RgbImage picture = Pictures.random(40, 60, 1);
        try (VisualEncoder encoder = VisualEncoder.load(checkpoint, Dtype.FP32, Device.CPU);
                Tensor alone = encoder.encode(List.of(picture));
                Tensor batch = encoder.encode(List.of(Pictures.random(9, 9, 2), picture, Pictures.random(9, 9, 3)));
                Tensor second = batch.rows(1, 2)) {
            assertThat(GoldenTensors.distance("embeddings", alone.floats(), second.floats()))
                    .isLessThan(1e-5);
        }
    }

    /** Where sums are rounded to bf16 their order shows, and a picture must not depend on whose others are encoded with it. */
    @Test
    void inBf16ABatchChangesNoBit() {
        Checkpoint checkpoint = Checkpoint.open(Golden.path("emu-tiny"));
        RgbImage picture = Pictures.random(40, 60, 1);
        try (VisualEncoder encoder = VisualEncoder.load(checkpoint, Dtype.BF16, Device.CPU);
                Tensor alone = encoder.encode(List.of(picture))) {
            for (int size = 2; size <= 6; size++) {
                List<RgbImage> pictures = new ArrayList<>(Collections.nCopies(size, Pictures.random(9, 9, size)));
                pictures.set(size / 2, picture);
                try (Tensor batch = encoder.encode(pictures);
                        Tensor own = batch.rows(size / 2, size / 2 + 1)) {
                    assertThat(own.floats()).as("among %d", size).isEqualTo(alone.floats());
                }
            }
        }
    }

    @Test
    void bf16StaysNearFp32() {
        Checkpoint checkpoint = Checkpoint.open(Golden.path("emu-tiny"));
        try (VisualEncoder encoder = VisualEncoder.load(checkpoint, Dtype.BF16, Device.CPU);
                Tensor embeddings = encoder.encode(pictures())) {
            assertThat(embeddings.dtype()).isEqualTo(Dtype.BF16);
            float[] expected = GoldenTensors.read(EXPECTED).floats("cformer");
            assertThat(correlation(expected, embeddings.floats())).isCloseTo(1, within(1e-3));
        }
    }

    @Test
    void theFullModelHasTheNamesItShouldHave() {
        VitSpec vit = new VitSpec(40, 1408, 16, 224, 14, 1e-6);
        CausalFormerSpec former = new CausalFormerSpec(12, 768, 12, 64, 32, 32, 128, 1e-6);
        Map<String, List<Long>> needed =
                new HashMap<>(VisionWeights.vit(vit, 6144).asMap());
        needed.putAll(VisionWeights.causalFormer(former, 3072, 1408, 5120).asMap());

        Map<String, List<Long>> released = new HashMap<>();
        JsonNode manifest = Golden.json("full/manifest-emu-14b.json");
        List<String> unused = new ArrayList<>();
        manifest.required("unused_by_inference").forEach(name -> unused.add(name.asText()));
        for (JsonNode tensor : manifest.required("tensors")) {
            String name = tensor.required("name").asText();
            if (!name.startsWith("decoder.") && !unused.contains(name)) {
                List<Long> shape = new ArrayList<>();
                tensor.required("shape").forEach(size -> shape.add(size.asLong()));
                released.put(name, shape);
            }
        }
        assertThat(needed).isEqualTo(released);
    }

    private static List<RgbImage> pictures() {
        return List.of(Pictures.golden("cases/inputs/dog.png"), Pictures.golden("cases/inputs/cat.png"));
    }

    private static Tensor pixels() {
        ImagePreprocessor preprocessor = new ImagePreprocessor(224);
        java.nio.FloatBuffer out = java.nio.FloatBuffer.allocate(2 * preprocessor.elements());
        pictures().forEach(picture -> preprocessor.preprocess(picture, out));
        return Tensor.of(out.array(), 2, 3, 224, 224);
    }

    private static ScriptModule stages(VitSpec vit, CausalFormerSpec former) {
        return ScriptModule.load(
                "vision_stages",
                "VisionStages",
                Map.of(
                        "layers", vit.layers(),
                        "heads", vit.heads(),
                        "patch", vit.patchSize(),
                        "former_layers", former.layers(),
                        "former_heads", former.heads(),
                        "eps", vit.normEps()));
    }

    /** The golden file holds the first picture only. */
    private static void firstOf(String name, GoldenTensors golden, Tensor batch) {
        float[] expected = golden.floats(name);
        golden.assertClose(name, Arrays.copyOf(batch.floats(), expected.length), TOLERANCE);
    }

    private static void assertBias(float[] expected, float[] actual) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
            if (expected[i] < -1e29) {
                assertThat(actual[i]).isEqualTo(Float.NEGATIVE_INFINITY);
            } else {
                assertThat(actual[i]).isEqualTo(expected[i], within(1e-6f));
            }
        }
    }

    private static double correlation(float[] a, float[] b) {
        double ab = 0;
        double aa = 0;
        double bb = 0;
        for (int i = 0; i < a.length; i++) {
            ab += (double) a[i] * b[i];
            aa += (double) a[i] * a[i];
            bb += (double) b[i] * b[i];
        }
        return ab / Math.sqrt(aa * bb);
    }
}
