package io.dromaius.model.vision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dromaius.model.GoldenTensors;
import java.nio.FloatBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImagePreprocessorTest {
    private static final int SIDE = 224;
    private static final int[] ROWS = {0, 1, 112, 223};

    private final ImagePreprocessor preprocessor = new ImagePreprocessor(SIDE);

    @ParameterizedTest
    @ValueSource(strings = {"dog", "cat", "pal"})
    void resizesAsPillowDoesBitForBit(String picture) {
        RgbImage resized = preprocessor.resize(Pictures.golden("cases/inputs/" + picture + ".png"));

        byte[] expected =
                GoldenTensors.read("cases/preprocess/preprocess.safetensors").u8(picture + ".resized_u8");
        assertThat(resized).isEqualTo(new RgbImage(SIDE, SIDE, expected));
    }

    @ParameterizedTest
    @ValueSource(strings = {"dog", "cat", "panda", "tiger_rgba", "iron_man_gray", "pal"})
    void normalisesAsTheReferenceDoes(String picture) {
        FloatBuffer pixels = FloatBuffer.allocate(preprocessor.elements());
        preprocessor.preprocess(Pictures.golden("cases/inputs/" + picture + ".png"), pixels);

        GoldenTensors golden = GoldenTensors.read("cases/preprocess/preprocess.safetensors");
        if (golden.has(picture + ".process_img")) {
            golden.assertClose(picture + ".process_img", pixels.array(), 1e-6);
        } else {
            golden.assertClose(picture + ".process_img_rows_0_1_112_223", rows(pixels.array()), 1e-6);
        }
    }

    @Test
    void resizingKeepsAFlatColourFlat() {
        byte[] samples = new byte[31 * 17 * 3];
        java.util.Arrays.fill(samples, (byte) 200);

        RgbImage resized = BicubicResize.resize(new RgbImage(31, 17, samples), 12, 90);

        assertThat(resized.width()).isEqualTo(12);
        assertThat(resized.height()).isEqualTo(90);
        assertThat(resized.samples()).containsOnly((byte) 200);
    }

    @Test
    void resizingTurnsWithThePicture() {
        RgbImage picture = Pictures.random(23, 23, 1);

        RgbImage wide = BicubicResize.resize(picture, 40, 23);
        RgbImage tall = BicubicResize.resize(transposed(picture), 23, 40);

        assertThat(transposed(tall)).isEqualTo(wide);
    }

    @Test
    void refusesASizeOfNothing() {
        assertThatThrownBy(() -> new ImagePreprocessor(0)).hasMessageContaining("size must be positive");
    }

    private static float[] rows(float[] pixels) {
        float[] rows = new float[3 * ROWS.length * SIDE];
        for (int c = 0; c < 3; c++) {
            for (int r = 0; r < ROWS.length; r++) {
                System.arraycopy(pixels, (c * SIDE + ROWS[r]) * SIDE, rows, (c * ROWS.length + r) * SIDE, SIDE);
            }
        }
        return rows;
    }

    private static RgbImage transposed(RgbImage image) {
        byte[] samples = new byte[image.samples().length];
        for (int y = 0; y < image.height(); y++) {
            for (int x = 0; x < image.width(); x++) {
                for (int c = 0; c < 3; c++) {
                    samples[(x * image.height() + y) * 3 + c] = (byte) image.sample(x, y, c);
                }
            }
        }
        return new RgbImage(image.height(), image.width(), samples);
    }
}
