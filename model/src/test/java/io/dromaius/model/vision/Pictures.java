package io.dromaius.model.vision;

import io.dromaius.model.Golden;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Random;
import javax.imageio.ImageIO;

/** Pictures for tests. */
public final class Pictures {
    private Pictures() {}

    /** A PNG of the golden set. */
    public static RgbImage golden(String relative) {
        try {
            return RgbImage.of(ImageIO.read(Golden.path(relative).toFile()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static RgbImage random(int width, int height, long seed) {
        byte[] samples = new byte[width * height * 3];
        new Random(seed).nextBytes(samples);
        return new RgbImage(width, height, samples);
    }
}
