package io.dromaius.model.vision;

import java.nio.FloatBuffer;

/**
 * What the reference's {@code process_img} does to a picture before the encoder: bicubic to a square regardless of the
 * aspect ratio, then {@code (sample / 255 - mean) / deviation} for each colour, computed in fp64.
 */
public final class ImagePreprocessor {
    private static final double[] MEAN = {0.48145466, 0.4578275, 0.40821073};
    private static final double[] DEVIATION = {0.26862954, 0.26130258, 0.27577711};

    private final int size;

    /** @param size side of the square, pixels */
    public ImagePreprocessor(int size) {
        if (size < 1) {
            throw new IllegalArgumentException("size must be positive, not " + size);
        }
        this.size = size;
    }

    /** Floats of one picture: [3, size, size]. */
    public int elements() {
        return 3 * size * size;
    }

    public RgbImage resize(RgbImage image) {
        return BicubicResize.resize(image, size, size);
    }

    /** Appends the picture to {@code out} as fp32 [3, size, size]. */
    public void preprocess(RgbImage image, FloatBuffer out) {
        byte[] samples = resize(image).samples();
        for (int c = 0; c < 3; c++) {
            for (int i = c; i < samples.length; i += 3) {
                out.put((float) ((Byte.toUnsignedInt(samples[i]) / 255.0 - MEAN[c]) / DEVIATION[c]));
            }
        }
    }
}
