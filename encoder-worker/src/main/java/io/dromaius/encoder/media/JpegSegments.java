package io.dromaius.encoder.media;

import io.dromaius.model.vision.RgbImage;
import java.awt.image.Raster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The marker segments before a JPEG's scans, as far as they say how its colours are to be read.
 *
 * <p>Embedded profiles are cut out, because readers convert by them and the reference does not. CMYK follows the conventions of libjpeg
 * and Pillow: values are stored inverted, and are converted without a profile.
 */
final class JpegSegments {

    private static final int START_OF_SCAN = 0xDA;
    private static final int APP2 = 0xE2;
    private static final int APP14 = 0xEE;
    private static final String PROFILE = "ICC_PROFILE\0";
    private static final String ADOBE = "Adobe";
    private static final int TRANSFORM_YCCK = 2;

    private final byte[] withoutColourProfile;
    private int components;
    private int adobeTransform;

    private JpegSegments(byte[] file) throws IOException {
        ByteArrayOutputStream kept = new ByteArrayOutputStream(file.length);
        kept.write(file, 0, 2);
        int at = 2;
        while (true) {
            int marker = markerAt(file, at);
            if (marker == 0xFF) {
                at++; // padding before a marker
                continue;
            }
            int length = 2 + (unsigned(file, at + 2) << 8 | unsigned(file, at + 3));
            if (length < 4 || at + length > file.length) {
                throw new IOException("a JPEG segment is cut off");
            }
            note(file, at, marker);
            if (marker != APP2 || !holds(file, at + 4, PROFILE)) {
                kept.write(file, at, length);
            }
            at += length;
            if (marker == START_OF_SCAN) {
                kept.write(file, at, file.length - at);
                withoutColourProfile = kept.toByteArray();
                return;
            }
        }
    }

    static JpegSegments of(byte[] file) throws IOException {
        return new JpegSegments(file);
    }

    byte[] withoutColourProfile() {
        return withoutColourProfile;
    }

    /** Whether this is CMYK or YCCK. */
    boolean fourComponents() {
        return components == 4;
    }

    /** Converts the stored samples of a JPEG with four components. */
    RgbImage toRgb(Raster raster) {
        int width = raster.getWidth();
        int height = raster.getHeight();
        byte[] samples = new byte[Math.multiplyExact(Math.multiplyExact(width, height), 3)];
        int[] row = new int[4 * width];
        int out = 0;
        for (int y = 0; y < height; y++) {
            raster.getPixels(0, y, width, 1, row);
            for (int x = 0; x < row.length; x += 4) {
                if (adobeTransform == TRANSFORM_YCCK) {
                    toCmy(row, x);
                }
                int light = row[x + 3];
                for (int c = 0; c < 3; c++) {
                    samples[out++] = (byte) (light - multiply255(255 - row[x + c], light));
                }
            }
        }
        return new RgbImage(width, height, samples);
    }

    private void note(byte[] file, int at, int marker) throws IOException {
        boolean startOfFrame = marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
        if (startOfFrame) {
            components = unsigned(file, at + 9);
        } else if (marker == APP14 && holds(file, at + 4, ADOBE)) {
            adobeTransform = unsigned(file, at + 15);
        }
    }

    /** YCCK to stored CMY, with libjpeg's 16-bit fixed-point constants. */
    private static void toCmy(int[] row, int x) {
        int y = row[x];
        int cb = row[x + 1] - 128;
        int cr = row[x + 2] - 128;
        row[x] = 255 - clamp(y + ((91881 * cr + 32768) >> 16));
        row[x + 1] = 255 - clamp(y + ((-22554 * cb - 46802 * cr + 32768) >> 16));
        row[x + 2] = 255 - clamp(y + ((116130 * cb + 32768) >> 16));
    }

    private static int clamp(int value) {
        return Math.min(255, Math.max(0, value));
    }

    /** a * b / 255, rounded, as Pillow has it. */
    private static int multiply255(int a, int b) {
        int product = a * b + 128;
        return ((product >> 8) + product) >> 8;
    }

    private static int markerAt(byte[] file, int at) throws IOException {
        if (unsigned(file, at) != 0xFF) {
            throw new IOException("a JPEG segment is missing");
        }
        return unsigned(file, at + 1);
    }

    private static boolean holds(byte[] file, int at, String latin1) {
        byte[] wanted = latin1.getBytes(StandardCharsets.ISO_8859_1);
        return at + wanted.length <= file.length
                && Arrays.equals(file, at, at + wanted.length, wanted, 0, wanted.length);
    }

    private static int unsigned(byte[] file, int at) throws IOException {
        if (at >= file.length) {
            throw new IOException("the JPEG is cut off");
        }
        return Byte.toUnsignedInt(file[at]);
    }
}
