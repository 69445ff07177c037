package io.dromaius.cli.world;

import java.awt.image.BufferedImage;

/** Resizes by averaging: a pixel of the result is the mean of the area that it covers. */
public final class BoxFilter {
    private BoxFilter() {}

    /** {@code picture} at {@code width} x {@code height}, whatever its shape was. */
    public static BufferedImage resize(BufferedImage picture, int width, int height) {
        int fromWidth = picture.getWidth();
        int fromHeight = picture.getHeight();
        int[] from = picture.getRGB(0, 0, fromWidth, fromHeight, null, 0, fromWidth);
        BufferedImage resized = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < height; y++) {
            Span rows = Span.of(y, height, fromHeight);
            for (int x = 0; x < width; x++) {
                resized.setRGB(x, y, mean(from, fromWidth, rows, Span.of(x, width, fromWidth)));
            }
        }
        return resized;
    }

    private static int mean(int[] from, int fromWidth, Span rows, Span columns) {
        double red = 0;
        double green = 0;
        double blue = 0;
        double all = 0;
        for (int row = rows.first(); row < rows.end(); row++) {
            for (int column = columns.first(); column < columns.end(); column++) {
                double weight = rows.share(row) * columns.share(column);
                int rgb = from[row * fromWidth + column];
                red += weight * (rgb >> 16 & 255);
                green += weight * (rgb >> 8 & 255);
                blue += weight * (rgb & 255);
                all += weight;
            }
        }
        return (int) Math.round(red / all) << 16 | (int) Math.round(green / all) << 8 | (int) Math.round(blue / all);
    }

    /** The part of a line of pixels that one pixel of the result covers. */
    private record Span(double from, double to) {
        static Span of(int pixel, int pixels, int fromPixels) {
            return new Span((double) pixel * fromPixels / pixels, (double) (pixel + 1) * fromPixels / pixels);
        }

        int first() {
            return (int) from;
        }

        int end() {
            return (int) Math.ceil(to);
        }

        /** How much of that pixel lies inside. */
        double share(int pixel) {
            return Math.min(to, pixel + 1) - Math.max(from, pixel);
        }
    }
}
