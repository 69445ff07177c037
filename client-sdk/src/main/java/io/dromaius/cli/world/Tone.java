package io.dromaius.cli.world;

import com.google.common.math.Quantiles;
import java.awt.Color;
import java.util.List;
import java.util.Random;
import java.util.function.ToDoubleFunction;

/** A colour as a point: red, green and blue, 0 to 255 each. */
record Tone(float red, float green, float blue) {
    static Tone of(int rgb) {
        return new Tone(rgb >> 16 & 255, rgb >> 8 & 255, rgb & 255);
    }

    /** The median of each channel; {@code tones} is not empty. */
    static Tone median(List<Tone> tones) {
        return new Tone(median(tones, Tone::red), median(tones, Tone::green), median(tones, Tone::blue));
    }

    private static float median(List<Tone> tones, ToDoubleFunction<Tone> channel) {
        return (float)
                Quantiles.median().compute(tones.stream().mapToDouble(channel).toArray());
    }

    Tone minus(Tone other) {
        return new Tone(red - other.red, green - other.green, blue - other.blue);
    }

    float dot(Tone other) {
        return red * other.red + green * other.green + blue * other.blue;
    }

    Tone times(float factor) {
        return new Tone(factor * red, factor * green, factor * blue);
    }

    float length() {
        return (float) Math.sqrt(dot(this));
    }

    float distance(Tone other) {
        return minus(other).length();
    }

    /** This colour, each channel moved by up to {@code most} either way. */
    Color jittered(Random random, int most) {
        return new Color(jittered(red, random, most), jittered(green, random, most), jittered(blue, random, most));
    }

    private static int jittered(float channel, Random random, int most) {
        return Math.max(0, Math.min(255, Math.round(channel) + random.nextInt(2 * most + 1) - most));
    }
}
