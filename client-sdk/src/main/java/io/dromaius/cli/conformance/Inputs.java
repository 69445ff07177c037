package io.dromaius.cli.conformance;

import io.dromaius.model.vision.ImagePreprocessor;
import io.dromaius.model.vision.RgbImage;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.List;
import javax.imageio.ImageIO;

/** Input pictures of a set, decoded and preprocessed as an encoder worker does. */
record Inputs(GoldenSet set) {

    RgbImage picture(String name) throws IOException {
        BufferedImage image = ImageIO.read(set.input(name).toFile());
        if (image == null) {
            throw new IOException(set.input(name) + " is no picture");
        }
        return RgbImage.of(image);
    }

    List<RgbImage> pictures(List<String> names) throws IOException {
        java.util.ArrayList<RgbImage> pictures = new java.util.ArrayList<>();
        for (String name : names) {
            pictures.add(picture(name));
        }
        return pictures;
    }

    /** Pixels [3, side, side]. */
    float[] pixels(String name, int side) throws IOException {
        ImagePreprocessor preprocessor = new ImagePreprocessor(side);
        FloatBuffer out = FloatBuffer.allocate(preprocessor.elements());
        preprocessor.preprocess(picture(name), out);
        return out.array();
    }
}
