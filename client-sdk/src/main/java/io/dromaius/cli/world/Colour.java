package io.dromaius.cli.world;

/** What an object is painted with. */
public enum Colour implements Named {
    RED(222, 32, 40),
    GREEN(36, 166, 62),
    BLUE(44, 84, 228),
    YELLOW(248, 220, 36),
    ORANGE(246, 136, 18),
    PURPLE(142, 46, 178),
    CYAN(36, 206, 222),
    PINK(250, 128, 190);

    private final int rgb;

    Colour(int red, int green, int blue) {
        rgb = red << 16 | green << 8 | blue;
    }

    Tone tone() {
        return Tone.of(rgb);
    }
}
