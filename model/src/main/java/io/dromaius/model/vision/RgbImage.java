package io.dromaius.model.vision;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import javax.imageio.ImageIO;

/**
 * A picture of 8-bit red, green and blue samples, row-major and interleaved: sample c of pixel (x, y) is
 * {@code samples()[(y * width + x) * 3 + c]}. Equal pictures have equal samples.
 */
public final class RgbImage {
    private static final int CHANNELS = 3;

    private final int width;
    private final int height;
    private final byte[] samples;

    /** Takes over the array, which must not be written to any more. */
    public RgbImage(int width, int height, byte[] samples) {
        if (width < 1
                || height < 1
                || samples.length != Math.multiplyExact(Math.multiplyExact(width, height), CHANNELS)) {
            throw new IllegalArgumentException(
                    "a picture of %d x %d cannot have %d samples".formatted(width, height, samples.length));
        }
        this.width = width;
        this.height = height;
        this.samples = samples;
    }

    /** A picture with every sample zero. */
    public static RgbImage black(int width, int height) {
        return new RgbImage(width, height, new byte[Math.multiplyExact(Math.multiplyExact(width, height), CHANNELS)]);
    }

    /**
     * The picture's stored colours as Pillow's {@code convert("RGB")} gives them: alpha is dropped and not composited, gray
     * and palettes are expanded, colour profiles are ignored. Of samples wider than 8 bits the high byte is taken.
     */
    public static RgbImage of(BufferedImage image) {
        ColorModel colours = image.getColorModel();
        int space = colours.getColorSpace().getType();
        byte[] samples =
                new byte[Math.multiplyExact(Math.multiplyExact(image.getWidth(), image.getHeight()), CHANNELS)];
        if (colours instanceof IndexColorModel palette) {
            readPalette(image.getRaster(), palette, samples);
        } else if (colours.isAlphaPremultiplied() || (space != ColorSpace.TYPE_GRAY && space != ColorSpace.TYPE_RGB)) {
            readConverted(image, samples);
        } else {
            readStored(image.getRaster(), colours, space == ColorSpace.TYPE_GRAY, samples);
        }
        return new RgbImage(image.getWidth(), image.getHeight(), samples);
    }

    public int width() {
        return width;
    }

    public int height() {
        return height;
    }

    /** The samples themselves, not a copy; not to be written to. */
    public byte[] samples() {
        return samples;
    }

    /** Sample c of pixel (x, y), 0 to 255. */
    public int sample(int x, int y, int c) {
        return Byte.toUnsignedInt(samples[(y * width + x) * CHANNELS + c]);
    }

    /** The picture as a PNG file. */
    public byte[] toPng() {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        int[] row = new int[width];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                row[x] = sample(x, y, 0) << 16 | sample(x, y, 1) << 8 | sample(x, y, 2);
            }
            image.setRGB(0, y, width, 1, row, 0, width);
        }
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        try {
            if (!ImageIO.write(image, "png", png)) {
                throw new IllegalStateException("this Java runtime has no PNG writer");
            }
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        return png.toByteArray();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RgbImage image && width == image.width && Arrays.equals(samples, image.samples);
    }

    @Override
    public int hashCode() {
        return 31 * width + Arrays.hashCode(samples);
    }

    @Override
    public String toString() {
        return "RgbImage[" + width + " x " + height + "]";
    }

    private static void readPalette(Raster raster, IndexColorModel palette, byte[] samples) {
        int[] row = new int[raster.getWidth()];
        int out = 0;
        for (int y = 0; y < raster.getHeight(); y++) {
            raster.getSamples(0, y, row.length, 1, 0, row);
            for (int index : row) {
                samples[out++] = (byte) palette.getRed(index);
                samples[out++] = (byte) palette.getGreen(index);
                samples[out++] = (byte) palette.getBlue(index);
            }
        }
    }

    private static void readStored(Raster raster, ColorModel colours, boolean gray, byte[] samples) {
        int[] row = new int[raster.getWidth()];
        for (int c = 0; c < CHANNELS; c++) {
            int band = gray ? 0 : c;
            int bits = colours.getComponentSize(band);
            for (int y = 0; y < raster.getHeight(); y++) {
                raster.getSamples(0, y, row.length, 1, band, row);
                int out = y * row.length * CHANNELS + c;
                for (int value : row) {
                    samples[out] = (byte) (bits >= 8 ? value >> (bits - 8) : value * 255 / ((1 << bits) - 1));
                    out += CHANNELS;
                }
            }
        }
    }

    private static void readConverted(BufferedImage image, byte[] samples) {
        int[] row = new int[image.getWidth()];
        int out = 0;
        for (int y = 0; y < image.getHeight(); y++) {
            image.getRGB(0, y, row.length, 1, row, 0, row.length);
            for (int rgb : row) {
                samples[out++] = (byte) (rgb >> 16);
                samples[out++] = (byte) (rgb >> 8);
                samples[out++] = (byte) rgb;
            }
        }
    }
}
