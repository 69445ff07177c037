package io.dromaius.model.vision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dromaius.model.Golden;
import io.dromaius.model.GoldenTensors;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClipPreprocessorTest {
    private static final String MEAN_AND_STD = "\"image_mean\":[0.5,0.5,0.5],\"image_std\":[0.5,0.25,1.0]";

    @TempDir
    Path folder;

    @Test
    void givesThePixelsTheSafetyCheckerSaw() throws IOException {
        ClipPreprocessor clip =
                ClipPreprocessor.read(Golden.path("emu-tiny/feature_extractor/preprocessor_config.json"));
        RgbImage seen = clip.crop(Pictures.golden("cases/diffusion/text10_before_safety.png"));
        FloatBuffer pixels = FloatBuffer.allocate(3 * 224 * 224);
        clip.normalise(seen, pixels);

        float[] red = java.util.Arrays.copyOf(pixels.array(), 224 * 224);
        GoldenTensors.read("cases/diffusion/text10.safetensors").assertClose("clip_pixels_channel0", red, 2e-6);
    }

    @Test
    void integersMeanTheSameAsObjects() throws IOException {
        RgbImage wide = Pictures.random(90, 41, 5);

        RgbImage integers =
                config("{\"size\":24,\"crop_size\":20," + MEAN_AND_STD + "}").crop(wide);
        RgbImage objects = config("{\"size\":{\"shortest_edge\":24},\"crop_size\":{\"height\":20,\"width\":20},"
                        + MEAN_AND_STD + "}")
                .crop(wide);

        assertThat(integers).isEqualTo(objects);
        assertThat(integers.width()).isEqualTo(20);
        assertThat(integers.height()).isEqualTo(20);
    }

    @Test
    void truncatesTheLongEdgeAndCropsTheMiddle() throws IOException {
        RgbImage tall = Pictures.random(41, 90, 6);

        RgbImage cropped =
                config("{\"size\":24,\"crop_size\":20," + MEAN_AND_STD + "}").crop(tall);

        RgbImage resized = BicubicResize.resize(tall, 24, 52); // 24 * 90 / 41 = 52.7
        assertThat(cropped.sample(0, 0, 0)).isEqualTo(resized.sample(2, 16, 0));
        assertThat(cropped.sample(19, 19, 2)).isEqualTo(resized.sample(21, 35, 2));
    }

    @Test
    void padsWithBlackWhenTheCropIsLarger() throws IOException {
        RgbImage small = new RgbImage(1, 1, new byte[] {9, 9, 9});

        RgbImage cropped = config("{\"do_resize\":false,\"crop_size\":4," + MEAN_AND_STD + "}")
                .crop(small);

        assertThat(cropped.sample(2, 2, 0)).isEqualTo(9);
        assertThat(cropped.sample(1, 1, 0)).isZero();
        assertThat(cropped.sample(3, 3, 0)).isZero();
    }

    @Test
    void scalesAndNormalisesEachColour() throws IOException {
        FloatBuffer pixels = FloatBuffer.allocate(3);
        config("{" + MEAN_AND_STD + "}").normalise(new RgbImage(1, 1, new byte[] {(byte) 255, 0, (byte) 255}), pixels);

        assertThat(pixels.array()).containsExactly(1f, -2f, 0.5f);
    }

    @Test
    void refusesAnotherFilter() {
        assertThatThrownBy(() -> config("{\"resample\":2," + MEAN_AND_STD + "}"))
                .hasMessageContaining("preprocessor_config.json: resample must be 3 (bicubic), not 2");
    }

    private ClipPreprocessor config(String json) throws IOException {
        return ClipPreprocessor.read(Files.writeString(folder.resolve("preprocessor_config.json"), json));
    }
}
