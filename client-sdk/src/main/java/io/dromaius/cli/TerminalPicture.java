package io.dromaius.cli;

import io.dromaius.cli.world.BoxFilter;
import java.awt.image.BufferedImage;

/** A picture in 24-bit colours of a terminal: each character is two pixels, its upper half and what is behind it. */
final class TerminalPicture {
    private static final int COLUMNS = 40;
    private static final String ESCAPE = "\u001b[";
    private static final char UPPER_HALF = '\u2580';

    private TerminalPicture() {}

    /** Lines of {@value #COLUMNS} characters, and colours as they were after each. */
    static String draw(BufferedImage picture) {
        int rows = Math.max(1, COLUMNS * picture.getHeight() / picture.getWidth() / 2);
        BufferedImage small = BoxFilter.resize(picture, COLUMNS, 2 * rows);
        StringBuilder text = new StringBuilder();
        for (int row = 0; row < rows; row++) {
            text.append("  ");
            for (int column = 0; column < COLUMNS; column++) {
                text.append(colour(38, small.getRGB(column, 2 * row)));
                text.append(colour(48, small.getRGB(column, 2 * row + 1)));
                text.append(UPPER_HALF);
            }
            text.append(ESCAPE).append("0m\n");
        }
        return text.toString();
    }

    /** {@code what}: 38 for what is written, 48 for what is behind it. */
    private static String colour(int what, int rgb) {
        return ESCAPE + what + ";2;" + (rgb >> 16 & 255) + ";" + (rgb >> 8 & 255) + ";" + (rgb & 255) + "m";
    }
}
