package io.dromaius.cli.world;

/** What objects are painted on. */
public enum Background implements Named {
    WHITE(246, 246, 246),
    GRAY(128, 128, 128),
    BLACK(18, 18, 18),
    BROWN(104, 70, 38);

    private final int rgb;

    Background(int red, int green, int blue) {
        rgb = red << 16 | green << 8 | blue;
    }

    Tone tone() {
        return Tone.of(rgb);
    }
}
