package io.dromaius.cli.world;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PainterTest {
    /** Where one dot of the diagonal comes after another: every other row is moved aside. */
    private static final int PERIOD = 42;

    private static final int SIDE = PERIOD * 8;

    private final Scene dotted = new Scene(
            List.of(new Thing(Shape.SQUARE, Colour.RED, Size.LARGE, Place.CENTER)), Background.WHITE, Style.DOTTED);

    /** The demo model has seen no others, and calls dots that are moved down stripes. */
    @Test
    void dotsAreMovedUpByLessThanARow() {
        for (int seed = 0; seed < 100; seed++) {
            BufferedImage picture = new Painter(new Random(seed)).paint(dotted, SIDE);
            double along = 0;
            double across = 0;
            for (int at = (SIDE - PERIOD) / 2; at < (SIDE + PERIOD) / 2; at++) {
                double colour = 255 - new Color(picture.getRGB(at, at)).getGreen();
                along += colour * Math.cos(2 * Math.PI * at / PERIOD);
                across += colour * Math.sin(2 * Math.PI * at / PERIOD);
            }
            assertThat(across / Math.hypot(along, across)).as("seed %s", seed).isLessThan(0.2);
        }
    }
}
