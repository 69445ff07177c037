package io.dromaius.cli.conformance;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import javax.imageio.ImageIO;

/**
 * A decoded picture, compared byte by byte.
 *
 * @param samples red, green, blue of each pixel, row-major
 */
@SuppressWarnings("ArrayRecordComponent") // compared sample by sample, with a tolerance
record Pictures(int width, int height, int[] samples) {

    static Pictures read(Path file) {
        try {
            return decode(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    static Pictures decode(byte[] png) {
        try {
            BufferedImage image = ImageIO.read(new ByteArrayInputStream(png));
            if (image == null) {
                throw new IllegalArgumentException(png.length + " bytes that are no picture");
            }
            int[] samples = new int[image.getWidth() * image.getHeight() * 3];
            int next = 0;
            for (int y = 0; y < image.getHeight(); y++) {
                for (int x = 0; x < image.getWidth(); x++) {
                    int rgb = image.getRGB(x, y);
                    samples[next++] = rgb >> 16 & 0xff;
                    samples[next++] = rgb >> 8 & 0xff;
                    samples[next++] = rgb & 0xff;
                }
            }
            return new Pictures(image.getWidth(), image.getHeight(), samples);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot decode a picture", e);
        }
    }

    /** Bytes may be off by one, and few of them. */
    void compare(Pictures expected, Findings findings) {
        if (!sameSize(expected, findings)) {
            return;
        }
        int off = 0;
        for (int i = 0; i < samples.length; i++) {
            int difference = Math.abs(samples[i] - expected.samples[i]);
            if (difference > 1) {
                findings.fail("byte " + i + " is off by " + difference);
            }
            off += difference == 0 ? 0 : 1;
        }
        findings.error("share of bytes", (double) off / samples.length, Tolerances.PICTURE_BYTES);
    }

    void compareToBlack(Pictures before, Findings findings) {
        if (sameSize(before, findings) && Arrays.stream(samples).anyMatch(sample -> sample != 0)) {
            findings.fail("the picture is flagged, but not black");
        }
    }

    private boolean sameSize(Pictures expected, Findings findings) {
        findings.equal("size", expected.width + "x" + expected.height, width + "x" + height);
        return width == expected.width && height == expected.height;
    }
}
