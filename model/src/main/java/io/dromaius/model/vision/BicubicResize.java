package io.dromaius.model.vision;

/**
 * Pillow's bicubic resize of 8-bit pictures, bit for bit (libImaging/Resample.c): a separable filter that widens when
 * shrinking, weights in fixed point, the horizontal pass first, each pass rounded and clipped to 8 bits.
 */
public final class BicubicResize {
    private static final double SUPPORT = 2.0;
    private static final double A = -0.5;
    /** 8 bits of sample, 2 of headroom for weights that add up beyond 1, and the rest of an int for the fraction. */
    private static final int FRACTION_BITS = 32 - 8 - 2;

    private static final int HALF = 1 << (FRACTION_BITS - 1);

    private BicubicResize() {}

    /** The picture at another size; the aspect ratio need not be kept. */
    public static RgbImage resize(RgbImage image, int width, int height) {
        RgbImage result = image;
        if (width != image.width()) {
            result = horizontal(result, Taps.of(image.width(), width));
        }
        if (height != image.height()) {
            result = vertical(result, Taps.of(image.height(), height));
        }
        return result;
    }

    private static RgbImage horizontal(RgbImage image, Taps taps) {
        int width = taps.size();
        byte[] in = image.samples();
        byte[] out = new byte[width * image.height() * 3];
        for (int y = 0; y < image.height(); y++) {
            int rowStart = y * image.width() * 3;
            for (int x = 0; x < width; x++) {
                int at = rowStart + taps.first[x] * 3;
                for (int c = 0; c < 3; c++) {
                    out[(y * width + x) * 3 + c] = dot(in, at + c, 3, taps.weights[x]);
                }
            }
        }
        return new RgbImage(width, image.height(), out);
    }

    private static RgbImage vertical(RgbImage image, Taps taps) {
        int stride = image.width() * 3;
        byte[] in = image.samples();
        byte[] out = new byte[stride * taps.size()];
        for (int y = 0; y < taps.size(); y++) {
            for (int x = 0; x < stride; x++) {
                out[y * stride + x] = dot(in, taps.first[y] * stride + x, stride, taps.weights[y]);
            }
        }
        return new RgbImage(image.width(), taps.size(), out);
    }

    private static byte dot(byte[] in, int at, int stride, int[] weights) {
        int sum = HALF;
        for (int weight : weights) {
            sum += Byte.toUnsignedInt(in[at]) * weight;
            at += stride;
        }
        return (byte) Math.max(0, Math.min(255, sum >> FRACTION_BITS));
    }

    /**
     * For each output position the first input position it reads, and the weights of that one and those that follow.
     */
    private static final class Taps {
        private final int[] first;
        private final int[][] weights;

        private Taps(int size) {
            this.first = new int[size];
            this.weights = new int[size][];
        }

        static Taps of(int in, int out) {
            double scale = (double) in / out;
            double stretch = Math.max(scale, 1.0);
            double support = SUPPORT * stretch;
            Taps taps = new Taps(out);
            for (int i = 0; i < out; i++) {
                double center = (i + 0.5) * scale;
                int start = Math.max((int) (center - support + 0.5), 0);
                int end = Math.min((int) (center + support + 0.5), in);
                double[] curve = new double[end - start];
                double total = 0;
                for (int k = 0; k < curve.length; k++) {
                    curve[k] = cubic((k + start - center + 0.5) * (1.0 / stretch));
                    total += curve[k];
                }
                taps.first[i] = start;
                taps.weights[i] = fixedPoint(curve, total);
            }
            return taps;
        }

        int size() {
            return first.length;
        }

        private static int[] fixedPoint(double[] curve, double total) {
            int[] weights = new int[curve.length];
            for (int k = 0; k < curve.length; k++) {
                double weight = total == 0 ? curve[k] : curve[k] / total;
                weights[k] = (int) (weight * (1 << FRACTION_BITS) + (weight < 0 ? -0.5 : 0.5));
            }
            return weights;
        }

        private static double cubic(double distance) {
            double x = Math.abs(distance);
            if (x < 1) {
                return ((A + 2) * x - (A + 3)) * x * x + 1;
            }
            return x < 2 ? (((x - 5) * x + 8) * x - 4) * A : 0;
        }
    }
}
