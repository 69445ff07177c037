package io.dromaius.model.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.dromaius.model.Golden;
import io.dromaius.model.GoldenTensors;
import io.dromaius.model.torch.Device;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.Tensor;
import io.dromaius.model.vision.Pictures;
import io.dromaius.model.vision.RgbImage;
import io.dromaius.model.weights.Checkpoint;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageDecoderTest {
    private static final long[] LATENTS = {1, 4, 16, 16};

    private static ImageDecoder decoder;

    @BeforeAll
    static void load() {
        decoder = ImageDecoder.load(Checkpoint.open(Golden.path("emu-tiny")), Dtype.FP32, Device.CPU);
    }

    @AfterAll
    static void close() {
        if (decoder != null) {
            decoder.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"text10", "text50", "text10_nocfg", "blend10", "blend4", "context10"})
    void drawsThePicturesOfTheReference(String run) {
        JsonNode expected =
                Golden.json("cases/diffusion/diffusion.json").required("cases").required(run);
        GoldenTensors golden = GoldenTensors.read("cases/diffusion/" + run + ".safetensors");
        float[] latents = golden.floats("latents_per_step");
        try (Drawing drawing = begin(spec(expected), golden)) {
            for (int call = 0; !drawing.isDone(); call++) {
                decoder.step(List.of(drawing));
                float[] wanted = Arrays.copyOfRange(latents, call * 1024, (call + 1) * 1024);
                assertThat(GoldenTensors.distance(run, wanted, drawing.latentValues()))
                        .as("latents of %s after call %s", run, call)
                        .isLessThan(1e-3);
            }
            assertThat(drawing.calls()).isEqualTo(latents.length / 1024);

            Picture picture = decoder.finish(drawing);
            assertThat(picture.flagged()).isEqualTo(expected.required("flagged").asBoolean());
            assertCosines(
                    expected.required("concept_cosines"), picture.verdict().concepts());
            assertCosines(
                    expected.required("special_cosines"), picture.verdict().special());
            RgbImage before = Pictures.golden("cases/diffusion/" + run + "_before_safety.png");
            assertAlmostEqual(
                    picture.flagged() ? RgbImage.black(before.width(), before.height()) : before, picture.image());
        }
    }

    @Test
    void drawingsAtDifferentStepsShareCallsWithoutInfluence() {
        GoldenTensors text = GoldenTensors.read("cases/diffusion/text10.safetensors");
        GoldenTensors plain = GoldenTensors.read("cases/diffusion/text10_nocfg.safetensors");
        DrawSpec guided = new DrawSpec(10, 7.5, 128, 128);
        DrawSpec unguided = new DrawSpec(6, 1, 128, 128);
        float[] alone;
        try (Drawing drawing = begin(guided, text)) {
            drawing(drawing);
            alone = drawing.latentValues();
        }
        try (Drawing first = begin(guided, text);
                Drawing late = begin(unguided, plain);
                Drawing other = begin(new DrawSpec(10, 3, 128, 128), text)) {
            decoder.step(List.of(first));
            decoder.step(List.of(first, other));
            while (!late.isDone()) {
                decoder.step(List.of(late, other, first));
            }
            drawing(first);
            assertThat(GoldenTensors.distance("latents", alone, first.latentValues()))
                    .isLessThan(1e-3);
        }
    }

    @Test
    void aSeedFixesTheNoise() {
        DrawSpec spec = new DrawSpec(4, 7.5, 64, 128);
        try (Tensor a = decoder.noise(spec, 3);
                Tensor b = decoder.noise(spec, 3);
                Tensor c = decoder.noise(spec, 4)) {
            assertThat(a.shape()).containsExactly(1, 4, 8, 16);
            assertThat(a.floats()).containsExactly(b.floats()).isNotEqualTo(c.floats());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 24, 40, 72})
    void drawsSidesThatDoNotHalveEvenly(int height) {
        DrawSpec spec = new DrawSpec(2, 7.5, height, 56);
        GoldenTensors golden = GoldenTensors.read("cases/diffusion/text10.safetensors");
        try (Tensor noise = decoder.noise(spec, 5);
                Tensor embeddings = Tensor.of(golden.floats("prompt_embeds"), golden.shape("prompt_embeds"));
                Drawing drawing = decoder.begin(spec, embeddings, noise)) {
            drawing(drawing);
            RgbImage image = decoder.finish(drawing).image();
            assertThat(image.height()).isEqualTo(height);
            assertThat(image.width()).isEqualTo(56);
        }
    }

    @Test
    void previewsApproachThePicture() {
        GoldenTensors golden = GoldenTensors.read("cases/diffusion/text10.safetensors");
        try (Drawing drawing = begin(new DrawSpec(10, 7.5, 128, 128), golden)) {
            decoder.step(List.of(drawing));
            RgbImage early = decoder.preview(drawing).image();
            while (drawing.calls() < 10) {
                decoder.step(List.of(drawing));
            }
            RgbImage late = decoder.preview(drawing).image();
            decoder.step(List.of(drawing));
            Picture last = decoder.finish(drawing);

            assertThat(last.flagged()).isFalse();
            assertThat(meanDistance(late, last.image())).isLessThan(meanDistance(early, last.image()));
        }
    }

    @Test
    void bf16StaysNearFp32() {
        GoldenTensors golden = GoldenTensors.read("cases/diffusion/text10_nocfg.safetensors");
        try (ImageDecoder rough = ImageDecoder.load(Checkpoint.open(Golden.path("emu-tiny")), Dtype.BF16, Device.CPU);
                Tensor embeddings = Tensor.of(golden.floats("prompt_embeds"), golden.shape("prompt_embeds"));
                Tensor latents = Tensor.of(golden.floats("initial_latents"), LATENTS);
                Drawing drawing = rough.begin(new DrawSpec(10, 1, 128, 128), embeddings, latents)) {
            rough.step(List.of(drawing));
            float[] expected = Arrays.copyOf(golden.floats("latents_per_step"), 1024);
            assertThat(GoldenTensors.distance("first step", expected, drawing.latentValues()))
                    .isLessThan(0.03);
        }
    }

    @Test
    void saysWhatItCannotDraw() {
        assertField("height", new DrawSpec(10, 7.5, 100, 128));
        assertField("width", new DrawSpec(10, 7.5, 128, 0));
        assertField("steps", new DrawSpec(0, 7.5, 128, 128));
        assertField("steps", new DrawSpec(1000, 7.5, 128, 128));
        assertField("guidance_scale", new DrawSpec(10, Double.NaN, 128, 128));
        DrawSpec spec = new DrawSpec(10, 7.5, 128, 128);
        try (Tensor one = Tensor.of(new float[32 * 64], 1, 32, 64);
                Tensor noise = decoder.noise(spec, 1)) {
            assertThatThrownBy(() -> decoder.begin(spec, one, noise))
                    .hasMessage("embeddings must have shape [2, tokens, 64], not [1, 32, 64]");
        }
    }

    private static void assertField(String field, DrawSpec spec) {
        assertThatThrownBy(() -> decoder.check(spec))
                .isInstanceOfSatisfying(
                        InvalidDrawException.class, e -> assertThat(e.field()).isEqualTo(field));
    }

    private static void drawing(Drawing drawing) {
        while (!drawing.isDone()) {
            decoder.step(List.of(drawing));
        }
    }

    private static Drawing begin(DrawSpec spec, GoldenTensors golden) {
        try (Tensor embeddings = Tensor.of(golden.floats("prompt_embeds"), golden.shape("prompt_embeds"));
                Tensor latents = Tensor.of(golden.floats("initial_latents"), LATENTS)) {
            return decoder.begin(spec, embeddings, latents);
        }
    }

    private static DrawSpec spec(JsonNode run) {
        return new DrawSpec(
                run.required("num_inference_steps").asInt(),
                run.required("guidance_scale").asDouble(),
                128,
                128);
    }

    private static void assertCosines(JsonNode expected, List<Float> actual) {
        assertThat(actual).hasSize(expected.size());
        for (int i = 0; i < expected.size(); i++) {
            assertThat(actual.get(i)).isCloseTo((float) expected.get(i).asDouble(), within(2e-3f));
        }
    }

    private static void assertAlmostEqual(RgbImage expected, RgbImage actual) {
        byte[] a = expected.samples();
        byte[] b = actual.samples();
        assertThat(b).hasSameSizeAs(a);
        int different = 0;
        for (int i = 0; i < a.length; i++) {
            int difference = Math.abs(Byte.toUnsignedInt(a[i]) - Byte.toUnsignedInt(b[i]));
            assertThat(difference).isLessThanOrEqualTo(1);
            different += difference;
        }
        assertThat(different).isLessThan(a.length / 100);
    }

    private static double meanDistance(RgbImage a, RgbImage b) {
        double sum = 0;
        for (int i = 0; i < a.samples().length; i++) {
            sum += Math.abs(Byte.toUnsignedInt(a.samples()[i]) - Byte.toUnsignedInt(b.samples()[i]));
        }
        return sum / a.samples().length;
    }
}
