package io.dromaius.cli.world;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Drawn objects of every shape, size and style at a few turns, scales and phases of their pattern, to compare pictures of
 * {@link #SIDE} pixels with. Immutable.
 */
final class Templates {
    /** Pixels of a side of the pictures compared. */
    static final int SIDE = 64;

    static final double CELL = (double) SIDE / Place.SIDE;

    /** Pixels of a side of a template, and how far it is moved either way to find its best fit. */
    static final int WINDOW = 27;

    static final int SHIFT = 3;
    private static final int SHIFTS = (2 * SHIFT + 1) * (2 * SHIFT + 1);

    private static final int OVERSAMPLE = 4;
    private static final double[] SCALES = {0.95, 1.05};
    private static final double[] ANGLES = {-0.08, 0.08};

    private final List<Template> templates = new ArrayList<>();

    Templates() {
        for (Shape shape : Shape.values()) {
            for (Size size : Size.values()) {
                for (Style style : Style.values()) {
                    draw(shape, size, style);
                }
            }
        }
    }

    /**
     * What an object is likest to.
     *
     * @param coverage [SIDE * SIDE], how much of each pixel it covers, 0 to 1
     * @param row, column about its middle
     */
    Match match(float[] coverage, double row, double column) {
        float[][] windows = windows(coverage, (int) Math.rint(row), (int) Math.rint(column));
        double[] likeness = templates.stream()
                .mapToDouble(template -> template.likeness(windows))
                .toArray();
        int best = 0;
        for (int i = 1; i < likeness.length; i++) {
            best = likeness[i] > likeness[best] ? i : best;
        }
        Template likest = templates.get(best);
        Map<Style, Double> styles = new EnumMap<>(Style.class);
        for (int i = 0; i < likeness.length; i++) {
            if (templates.get(i).shape() == likest.shape()) {
                styles.merge(templates.get(i).style(), likeness[i], Math::max);
            }
        }
        return new Match(likest.shape(), likest.size(), likeness[best], styles);
    }

    private void draw(Shape shape, Size size, Style style) {
        // Stripes repeat down the picture; dots, whose rows alternate, in both directions.
        int startsX = style == Style.DOTTED ? (int) Brush.PERIOD : 1;
        int startsY = style == Style.DOTTED || style == Style.STRIPED ? (int) Brush.PERIOD : 1;
        for (double scale : SCALES) {
            for (double angle : ANGLES) {
                for (int x = 0; x < startsX; x++) {
                    for (int y = 0; y < startsY; y++) {
                        float[] coverage = draw(shape, size.radius() * CELL * scale, angle, style, x, y);
                        templates.add(Template.of(shape, size, style, coverage));
                    }
                }
            }
        }
    }

    private static float[] draw(Shape shape, double radius, double angle, Style style, int startX, int startY) {
        int large = WINDOW * OVERSAMPLE;
        BufferedImage canvas = new BufferedImage(large, large, BufferedImage.TYPE_INT_RGB);
        double middle = large / 2.0;
        try (Brush brush = new Brush(canvas, OVERSAMPLE)) {
            brush.paint(
                    shape.outline(middle, middle, radius * OVERSAMPLE, angle),
                    Color.WHITE,
                    style,
                    middle + startX * OVERSAMPLE,
                    middle + startY * OVERSAMPLE);
        }
        int[] pixels = BoxFilter.resize(canvas, WINDOW, WINDOW).getRGB(0, 0, WINDOW, WINDOW, null, 0, WINDOW);
        float[] coverage = new float[pixels.length];
        for (int i = 0; i < pixels.length; i++) {
            coverage[i] = (pixels[i] & 255) / 255f;
        }
        return coverage;
    }

    /** What lies under a template at each shift: [WINDOW * WINDOW][SHIFTS], each shift centred and of unit length. */
    private static float[][] windows(float[] coverage, int row, int column) {
        float[][] windows = new float[WINDOW * WINDOW][SHIFTS];
        float[] window = new float[WINDOW * WINDOW];
        for (int shift = 0; shift < SHIFTS; shift++) {
            int top = row - WINDOW / 2 + shift / (2 * SHIFT + 1) - SHIFT;
            int left = column - WINDOW / 2 + shift % (2 * SHIFT + 1) - SHIFT;
            for (int i = 0; i < window.length; i++) {
                int y = top + i / WINDOW;
                int x = left + i % WINDOW;
                window[i] = y < 0 || y >= SIDE || x < 0 || x >= SIDE ? 0 : coverage[y * SIDE + x];
            }
            float mean = mean(window);
            float length = length(window, mean);
            for (int i = 0; i < window.length; i++) {
                windows[i][shift] = (window[i] - mean) / length;
            }
        }
        return windows;
    }

    private static float mean(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += value;
        }
        return (float) (sum / values.length);
    }

    /** Of the vector of {@code values} less {@code mean}. */
    private static float length(float[] values, float mean) {
        double squares = 0;
        for (float value : values) {
            squares += (value - mean) * (value - mean);
        }
        return (float) Math.max(Math.sqrt(squares), 1e-6);
    }

    /**
     * What an object was taken for.
     *
     * @param likeness correlation with the best template
     * @param styles best correlation with a template of this shape in each style
     */
    record Match(Shape shape, Size size, double likeness, Map<Style, Double> styles) {}

    /**
     * A drawn object. Pixels that it leaves empty are not kept: under a centred window their product is nothing.
     *
     * @param pixels that it covers, indices into the window
     * @param weights how much of each it covers, over the length of the whole, centred template
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Template(Shape shape, Size size, Style style, int[] pixels, float[] weights) {
        static Template of(Shape shape, Size size, Style style, float[] coverage) {
            int[] pixels = IntStream.range(0, coverage.length)
                    .filter(i -> coverage[i] > 0)
                    .toArray();
            float length = length(coverage, mean(coverage));
            float[] weights = new float[pixels.length];
            for (int i = 0; i < pixels.length; i++) {
                weights[i] = coverage[pixels[i]] / length;
            }
            return new Template(shape, size, style, pixels, weights);
        }

        /** The correlation at the shift where it is highest. */
        double likeness(float[][] windows) {
            float[] sums = new float[SHIFTS];
            for (int i = 0; i < pixels.length; i++) {
                float weight = weights[i];
                float[] under = windows[pixels[i]];
                for (int shift = 0; shift < SHIFTS; shift++) {
                    sums[shift] += weight * under[shift];
                }
            }
            float best = -1;
            for (float sum : sums) {
                best = Math.max(best, sum);
            }
            return best;
        }
    }
}
