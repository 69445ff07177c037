package io.dromaius.model.vision;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;

/**
 * The {@code CLIPImageProcessor} that a {@code preprocessor_config.json} describes: bicubic resize, centre crop, scale,
 * normalise. Sizes may be integers or objects; every step may be switched off. Normalises in fp32, as the original does.
 */
public final class ClipPreprocessor {
    private static final int BICUBIC = 3;

    private final Size size;
    private final Size crop;
    private final boolean resizes;
    private final boolean crops;
    private final float scale;
    private final float[] mean;
    private final float[] deviation;

    private ClipPreprocessor(JsonNode config) {
        this.resizes = config.path("do_resize").asBoolean(true);
        this.crops = config.path("do_center_crop").asBoolean(true);
        this.size = Size.read(config.path("size"), true);
        this.crop = Size.read(config.path("crop_size"), false);
        this.scale = config.path("do_rescale").asBoolean(true)
                ? (float) config.path("rescale_factor").asDouble(1 / 255.0)
                : 1;
        boolean normalises = config.path("do_normalize").asBoolean(true);
        this.mean = normalises ? channels(config.path("image_mean")) : new float[] {0, 0, 0};
        this.deviation = normalises ? channels(config.path("image_std")) : new float[] {1, 1, 1};
        if (resizes && config.path("resample").asInt(BICUBIC) != BICUBIC) {
            throw new IllegalArgumentException("resample must be 3 (bicubic), not " + config.get("resample"));
        }
    }

    /**
     * Reads a {@code preprocessor_config.json}.
     *
     * @throws IllegalArgumentException if it asks for something this processor does not do
     */
    public static ClipPreprocessor read(Path config) throws IOException {
        try {
            return new ClipPreprocessor(new ObjectMapper().readTree(config.toFile()));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(config + ": " + e.getMessage(), e);
        }
    }

    /** The picture's pixels as the network sees them: resized and cropped. */
    public RgbImage crop(RgbImage image) {
        RgbImage resized = image;
        if (resizes) {
            resized = BicubicResize.resize(
                    image, size.width(image.width(), image.height()), size.height(image.width(), image.height()));
        }
        return crops ? centre(resized) : resized;
    }

    /** Appends a cropped picture to {@code out} as fp32 [3, height, width]. */
    public void normalise(RgbImage cropped, FloatBuffer out) {
        byte[] samples = cropped.samples();
        for (int c = 0; c < 3; c++) {
            for (int i = c; i < samples.length; i += 3) {
                out.put((Byte.toUnsignedInt(samples[i]) * scale - mean[c]) / deviation[c]);
            }
        }
    }

    /** Black borders where the picture is smaller than the crop; of an odd border the larger half comes first. */
    private RgbImage centre(RgbImage image) {
        int width = crop.width(crop.first, crop.second);
        int height = crop.height(crop.first, crop.second);
        int left = offset(image.width(), width);
        int top = offset(image.height(), height);
        byte[] out = new byte[width * height * 3];
        for (int y = Math.max(0, -top); y < Math.min(height, image.height() - top); y++) {
            int from = Math.max(0, -left);
            int to = Math.min(width, image.width() - left);
            System.arraycopy(
                    image.samples(),
                    ((y + top) * image.width() + from + left) * 3,
                    out,
                    (y * width + from) * 3,
                    (to - from) * 3);
        }
        return new RgbImage(width, height, out);
    }

    private static int offset(int size, int crop) {
        return Math.floorDiv(size - crop, 2);
    }

    private static float[] channels(JsonNode values) {
        if (values.size() != 3) {
            throw new IllegalArgumentException("image_mean and image_std need three values");
        }
        return new float[] {
            (float) values.get(0).asDouble(),
            (float) values.get(1).asDouble(),
            (float) values.get(2).asDouble()
        };
    }

    /** Height and width, or (second is 0) the length of the shorter edge. */
    private record Size(int first, int second) {
        static Size read(JsonNode node, boolean integerIsShortestEdge) {
            if (node.isMissingNode()) {
                return integerIsShortestEdge ? new Size(224, 0) : new Size(224, 224);
            }
            if (node.isInt()) {
                return integerIsShortestEdge ? new Size(node.asInt(), 0) : new Size(node.asInt(), node.asInt());
            }
            if (node.has("shortest_edge")) {
                return new Size(node.get("shortest_edge").asInt(), 0);
            }
            if (node.has("height") && node.has("width")) {
                return new Size(node.get("height").asInt(), node.get("width").asInt());
            }
            throw new IllegalArgumentException(
                    "size is neither a number, a shortest_edge nor a height and a width: " + node);
        }

        int width(int imageWidth, int imageHeight) {
            return second > 0 ? second : edge(imageWidth, Math.min(imageWidth, imageHeight));
        }

        int height(int imageWidth, int imageHeight) {
            return second > 0 ? first : edge(imageHeight, Math.min(imageWidth, imageHeight));
        }

        private int edge(int length, int shortest) {
            return (int) ((double) ((long) first * length) / shortest);
        }
    }
}
