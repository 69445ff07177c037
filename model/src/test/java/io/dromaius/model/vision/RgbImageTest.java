package io.dromaius.model.vision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class RgbImageTest {
    @Test
    void dropsAlphaWithoutCompositing() {
        BufferedImage image = new BufferedImage(1, 1, BufferedImage.TYPE_4BYTE_ABGR);
        image.setRGB(0, 0, 0x01_C8_64_32);

        assertThat(RgbImage.of(image).samples()).containsExactly(200, 100, 50);
    }

    @Test
    void takesGrayAsStored() {
        BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_BYTE_GRAY);
        image.getRaster().setSample(0, 0, 0, 77);
        image.getRaster().setSample(1, 0, 0, 255);

        assertThat(RgbImage.of(image).samples()).containsExactly(77, 77, 77, 255, 255, 255);
    }

    @Test
    void takesTheHighByteOfSixteenBits() {
        BufferedImage image = new BufferedImage(1, 1, BufferedImage.TYPE_USHORT_GRAY);
        image.getRaster().setSample(0, 0, 0, 0x4DFF);

        assertThat(RgbImage.of(image).samples()).containsExactly(0x4D, 0x4D, 0x4D);
    }

    @Test
    void looksColoursUpInThePalette() {
        byte[] level = {0, (byte) 250};
        IndexColorModel palette =
                new IndexColorModel(1, 2, level, new byte[] {9, 8}, new byte[] {7, 6}, new byte[] {0, 5});
        BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_BYTE_BINARY, palette);
        image.getRaster().setSample(1, 0, 0, 1);

        assertThat(RgbImage.of(image).samples()).containsExactly(0, 9, 7, 250, 8, 6);
    }

    @Test
    void readsEveryOrderOfChannelsAlike() {
        int[] types = {
            BufferedImage.TYPE_INT_RGB,
            BufferedImage.TYPE_INT_BGR,
            BufferedImage.TYPE_3BYTE_BGR,
            BufferedImage.TYPE_INT_ARGB,
            BufferedImage.TYPE_INT_ARGB_PRE
        };
        for (int type : types) {
            BufferedImage image = new BufferedImage(3, 2, type);
            image.setRGB(2, 1, 0xFF_0A_14_1E);

            RgbImage read = RgbImage.of(image);

            assertThat(read.sample(2, 1, 0)).as("type %s", type).isEqualTo(10);
            assertThat(read.sample(2, 1, 1)).isEqualTo(20);
            assertThat(read.sample(2, 1, 2)).isEqualTo(30);
            assertThat(read.sample(1, 1, 0)).isZero();
        }
    }

    @Test
    void survivesAPng() throws IOException {
        RgbImage image = Pictures.random(37, 11, 3);

        assertThat(RgbImage.of(ImageIO.read(new ByteArrayInputStream(image.toPng()))))
                .isEqualTo(image);
    }

    @Test
    void refusesTheWrongNumberOfSamples() {
        assertThatThrownBy(() -> new RgbImage(2, 2, new byte[11])).hasMessageContaining("2 x 2 cannot have 11 samples");
        assertThatThrownBy(() -> new RgbImage(0, 2, new byte[0])).isInstanceOf(IllegalArgumentException.class);
    }
}
