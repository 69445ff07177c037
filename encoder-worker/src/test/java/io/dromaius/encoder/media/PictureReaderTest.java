package io.dromaius.encoder.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.dromaius.model.vision.RgbImage;
import java.awt.Point;
import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PictureReaderTest {

    @Test
    void aPngComesBackExactly() throws MediaException {
        RgbImage noise = noise(37, 21);
        assertThat(read(noise.toPng())).isEqualTo(noise);
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                BufferedImage.TYPE_INT_ARGB,
                BufferedImage.TYPE_BYTE_GRAY,
                BufferedImage.TYPE_USHORT_GRAY,
                BufferedImage.TYPE_BYTE_BINARY,
                BufferedImage.TYPE_BYTE_INDEXED
            })
    void pngsOfEveryKindKeepTheirColours(int type) throws IOException, MediaException {
        BufferedImage image = new BufferedImage(9, 7, type);
        Random random = new Random(type);
        for (int y = 0; y < 7; y++) {
            for (int x = 0; x < 9; x++) {
                image.setRGB(x, y, random.nextInt());
            }
        }
        assertThat(read(encode(image, "png"))).isEqualTo(RgbImage.of(image));
    }

    @Test
    void aTransparentPixelKeepsItsColour() throws IOException, MediaException {
        BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_INT_ARGB);
        image.setRGB(0, 0, 0x00c86432);
        image.setRGB(1, 0, 0x80102030);
        assertThat(read(encode(image, "png")).samples()).containsExactly(0xc8, 0x64, 0x32, 0x10, 0x20, 0x30);
    }

    @Test
    void aJpegIsRead() throws IOException, MediaException {
        BufferedImage image = new BufferedImage(32, 24, BufferedImage.TYPE_INT_RGB);
        image.createGraphics().fillRect(0, 0, 32, 24);
        RgbImage read = read(encode(image, "jpg"));
        assertThat(read.width()).isEqualTo(32);
        assertThat(read.sample(16, 12, 0)).isEqualTo(255);
    }

    /** Stored values are inverted: 255 is no ink. */
    @ParameterizedTest
    @CsvSource({
        "255, 255, 255, 255, 255, 255, 255",
        "0, 255, 255, 255, 0, 255, 255",
        "255, 0, 255, 128, 128, 0, 128",
        "200, 100, 50, 100, 78, 39, 20"
    })
    void cmykIsInkOverPaper(int c, int m, int y, int k, int red, int green, int blue)
            throws IOException, MediaException {
        WritableRaster raster = Raster.createInterleavedRaster(DataBuffer.TYPE_BYTE, 16, 16, 4, new Point());
        for (int i = 0; i < 256; i++) {
            raster.setPixel(i % 16, i / 16, new int[] {c, m, y, k});
        }
        ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        try (ImageOutputStream stream = ImageIO.createImageOutputStream(jpeg)) {
            writer.setOutput(stream);
            writer.write(new IIOImage(raster, null, null));
        }
        RgbImage read = read(jpeg.toByteArray());
        assertThat(read.sample(8, 8, 0)).isCloseTo(red, within(2));
        assertThat(read.sample(8, 8, 1)).isCloseTo(green, within(2));
        assertThat(read.sample(8, 8, 2)).isCloseTo(blue, within(2));
    }

    @Test
    void whatIsNoPictureIsRefused() throws IOException {
        assertRefused(new byte[0], "is empty");
        assertRefused("hello".getBytes(StandardCharsets.UTF_8), "is no PNG, JPEG or WebP");
        assertRefused(encode(new BufferedImage(4, 4, BufferedImage.TYPE_INT_RGB), "gif"), "is no PNG, JPEG or WebP");
        assertRefused(Arrays.copyOf(noise(8, 8).toPng(), 8), "cannot be decoded");
    }

    @Test
    void truncatedPicturesAreRefused() throws IOException {
        byte[] png = noise(64, 64).toPng();
        assertRefused(Arrays.copyOf(png, png.length / 2), "");
        BufferedImage image = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
        noiseInto(image);
        byte[] jpeg = encode(image, "jpg");
        assertRefused(Arrays.copyOf(jpeg, jpeg.length / 2), "");
    }

    /** The size is refused from the header: 100,000 x 100,000 would be 30 GB. */
    @Test
    void aBombIsRefusedBeforeItIsUnpacked() {
        assertRefused(bomb(100_000, 100_000), "more than 64000000 pixels");
        assertRefused(bomb(0, 5), "");
    }

    @Test
    void tooManyBytesAreRefused() {
        assertRefused(new byte[(32 << 20) + 1], "bytes");
    }

    @Test
    void damagedPicturesAreReadOrRefusedButThrowNothingElse() throws IOException {
        BufferedImage image = new BufferedImage(24, 24, BufferedImage.TYPE_INT_RGB);
        noiseInto(image);
        Random random = new Random(1);
        for (String format : new String[] {"png", "jpg"}) {
            byte[] file = encode(image, format);
            int refused = 0;
            for (int round = 0; round < 300; round++) {
                byte[] damaged = Arrays.copyOf(file, round % 2 == 0 ? random.nextInt(file.length) : file.length);
                for (int i = 0; i < 4 && damaged.length > 0; i++) {
                    damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
                }
                try {
                    assertThat(read(damaged).width()).isPositive();
                } catch (MediaException e) {
                    refused++;
                }
            }
            assertThat(refused).isPositive();
        }
    }

    /** A PNG whose header promises the given size. */
    public static byte[] bomb(int width, int height) {
        ByteBuffer chunk = ByteBuffer.allocate(17).put("IHDR".getBytes(StandardCharsets.US_ASCII));
        chunk.putInt(width).putInt(height).put(new byte[] {8, 2, 0, 0, 0});
        CRC32 crc = new CRC32();
        crc.update(chunk.array());
        return ByteBuffer.allocate(33)
                .put(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'})
                .putInt(13)
                .put(chunk.array())
                .putInt((int) crc.getValue())
                .array();
    }

    private static RgbImage read(byte[] file) throws MediaException {
        RgbImage[] read = new RgbImage[1];
        new MediaReader(MediaLimits.DEFAULT, picture -> {
                    read[0] = picture;
                    return ByteBuffer.allocate(0);
                })
                .picture(ByteBuffer.wrap(file));
        return read[0];
    }

    private static void assertRefused(byte[] file, String message) {
        assertThatThrownBy(() -> read(file)).isInstanceOf(MediaException.class).hasMessageContaining(message);
    }

    private static RgbImage noise(int width, int height) {
        byte[] samples = new byte[3 * width * height];
        new Random(2).nextBytes(samples);
        return new RgbImage(width, height, samples);
    }

    private static void noiseInto(BufferedImage image) {
        Random random = new Random(3);
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                image.setRGB(x, y, random.nextInt());
            }
        }
    }

    private static byte[] encode(BufferedImage image, String format) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertThat(ImageIO.write(image, format, out)).isTrue();
        return out.toByteArray();
    }
}
