package io.dromaius.cli.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import io.dromaius.model.diffusion.SafetyChecker;
import io.dromaius.model.diffusion.SafetyWeights;
import io.dromaius.model.diffusion.Verdict;
import io.dromaius.model.spec.SafetySpec;
import io.dromaius.model.torch.Device;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.ScriptModule;
import io.dromaius.model.torch.Tensor;
import io.dromaius.model.vision.ClipPreprocessor;
import io.dromaius.model.vision.RgbImage;
import io.dromaius.model.weights.Checkpoint;
import io.dromaius.model.weights.NamedWeights;
import io.dromaius.model.weights.WeightSource;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.imageio.ImageIO;

/** The safety checker on the pictures that {@code cases/diffusion} holds before it, and on photos. */
final class SafetyStage implements Stage {
    private static final String THRESHOLDS = "concept_embeds_weights";
    private static final String SPECIAL_THRESHOLDS = "special_care_embeds_weights";

    private final GoldenSet set;

    SafetyStage(GoldenSet set) {
        this.set = set;
    }

    @Override
    public String name() {
        return "safety";
    }

    @Override
    public void run(Tally tally) throws IOException {
        JsonNode json = set.json("diffusion/diffusion.json");
        Checkpoint checkpoint = Checkpoint.open(set.checkpoint(Model.PRETRAIN));
        SafetySpec spec = SafetySpec.read(checkpoint.diffusion().resolve("safety_checker/config.json"));
        ClipPreprocessor preprocessor =
                ClipPreprocessor.read(checkpoint.diffusion().resolve("feature_extractor/preprocessor_config.json"));
        WeightSource source = checkpoint.component("safety_checker");
        thresholds(THRESHOLDS, json.get("concept_thresholds"), source, tally);
        thresholds(SPECIAL_THRESHOLDS, json.get("special_thresholds"), source, tally);
        long concepts = source.shape(THRESHOLDS).get(0);
        long special = source.shape(SPECIAL_THRESHOLDS).get(0);
        try (SafetyChecker checker = SafetyChecker.load(source, spec, preprocessor, Device.CPU);
                NamedWeights weights =
                        NamedWeights.load(source, SafetyWeights.of(spec, concepts, special), Dtype.FP32, Device.CPU);
                ScriptModule script = ScriptModule.load(
                        "clip", "SafetyChecker", Map.of("heads", spec.heads(), "eps", spec.normEps()))) {
            Parts parts = new Parts(checker, preprocessor, weights, script);
            drawn(json, parts, tally);
            photos(json, parts, tally);
        }
    }

    /** The checker, and what it is made of. */
    private record Parts(
            SafetyChecker checker, ClipPreprocessor preprocessor, NamedWeights weights, ScriptModule script) {

        RgbImage seen(RgbImage picture) {
            return preprocessor.crop(picture);
        }

        float[] pixels(RgbImage picture) {
            RgbImage seen = seen(picture);
            FloatBuffer pixels = FloatBuffer.allocate(seen.samples().length);
            preprocessor.normalise(seen, pixels);
            return pixels.array();
        }

        float[] embedding(RgbImage picture) {
            RgbImage seen = seen(picture);
            try (Tensor batch = Tensor.of(pixels(picture), 1, 3, seen.height(), seen.width());
                    Tensor embedding = script.tensor("embed", weights.dict(), batch)) {
                return embedding.floats();
            }
        }
    }

    private static void thresholds(String name, JsonNode expected, WeightSource source, Tally tally) {
        tally.expect(1);
        tally.run(name, findings -> {
            try (Tensor stored = source.tensor(name, Dtype.FP32)) {
                findings.close(name, Json.floats(expected), stored.floats(), Tolerances.PIXELS);
            }
        });
    }

    private void drawn(JsonNode json, Parts parts, Tally tally) throws IOException {
        for (Map.Entry<String, JsonNode> entry : json.get("cases").properties()) {
            String run = entry.getKey();
            RgbImage picture = read(set.file("diffusion/" + run + "_before_safety.png"));
            Map<String, GoldenTensor> file = set.tensors("diffusion/" + run + ".safetensors");
            tally.expect(1);
            tally.run(run, findings -> {
                verdict(entry.getValue(), parts.checker().check(picture), findings);
                Optional.ofNullable(file.get("clip_image_embeds"))
                        .ifPresent(expected -> findings.close(
                                "embedding",
                                expected.floats(),
                                parts.embedding(picture),
                                Tolerances.SAFETY_EMBEDDINGS));
                Optional.ofNullable(file.get("clip_pixels_channel0"))
                        .ifPresent(expected -> findings.close(
                                "pixels",
                                expected.floats(),
                                Arrays.copyOf(parts.pixels(picture), expected.values().length),
                                Tolerances.PIXELS));
            });
        }
    }

    private void photos(JsonNode json, Parts parts, Tally tally) throws IOException {
        for (Map.Entry<String, JsonNode> entry : json.get("safety_on_photos").properties()) {
            RgbImage picture = new Inputs(set).picture(entry.getKey());
            JsonNode expected = entry.getValue();
            tally.expect(1);
            tally.run("photo " + entry.getKey(), findings -> {
                verdict(expected, parts.checker().check(picture), findings);
                findings.close(
                        "embedding",
                        Json.floats(expected.get("image_embeds")),
                        parts.embedding(picture),
                        Tolerances.SAFETY_EMBEDDINGS);
                photoPixels(expected, parts, picture, findings);
            });
        }
    }

    private static void photoPixels(JsonNode expected, Parts parts, RgbImage picture, Findings findings) {
        float[] pixels = parts.pixels(picture);
        int plane = pixels.length / 3;
        double sum = 0;
        for (float pixel : pixels) {
            sum += pixel;
        }
        // The reference sums in float32.
        findings.close(
                "mean pixel", expected.get("pixel_mean").asDouble(), sum / pixels.length, 10 * Tolerances.PIXELS);
        float[] first = {pixels[0], pixels[plane], pixels[2 * plane]};
        float[] last = {pixels[plane - 1], pixels[2 * plane - 1], pixels[3 * plane - 1]};
        findings.close("first pixel", Json.floats(expected.get("pixel_corner")), first, Tolerances.PIXELS);
        findings.close("last pixel", Json.floats(expected.get("pixel_last")), last, Tolerances.PIXELS);
    }

    private static void verdict(JsonNode expected, Verdict verdict, Findings findings) {
        findings.equal("flagged", expected.get("flagged").asBoolean(), verdict.flagged());
        cosines("concept", expected.path("concept_cosines"), verdict.concepts(), findings);
        cosines("special", expected.path("special_cosines"), verdict.special(), findings);
    }

    private static void cosines(String name, JsonNode expected, List<Float> actual, Findings findings) {
        for (int i = 0; i < expected.size(); i++) {
            findings.close(name + " cosine " + i, expected.get(i).asDouble(), actual.get(i), Tolerances.SAFETY_COSINES);
        }
    }

    private static RgbImage read(Path file) throws IOException {
        return RgbImage.of(ImageIO.read(file.toFile()));
    }
}
