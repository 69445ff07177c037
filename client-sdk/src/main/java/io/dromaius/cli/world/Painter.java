package io.dromaius.cli.world;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.Random;

/**
 * Scenes to pictures: antialiased by painting three times as large, and with a little of everything left to chance, so
 * that no two are alike. Not thread-safe.
 */
public final class Painter {
    /** Pixels of a side that the demo model reads. */
    public static final int SIDE = 112;

    private static final int OVERSAMPLE = 3;
    private static final int UNITS = 64;
    private static final int GROUND_JITTER = 7;
    private static final int COLOUR_JITTER = 9;
    /** Of a cell, of a radius and in radians, either way. */
    private static final double PLACE_JITTER = 0.045;

    private static final double RADIUS_JITTER = 0.06;
    private static final double ANGLE_JITTER = 0.12;

    /** Steps of a period in which stripes and dots are moved. */
    private static final int PHASES = 16;

    private final Random random;

    public Painter(Random random) {
        this.random = random;
    }

    /** A picture of {@code side} x {@code side} pixels. */
    public BufferedImage paint(Scene scene, int side) {
        int large = side * OVERSAMPLE;
        BufferedImage canvas = new BufferedImage(large, large, BufferedImage.TYPE_INT_RGB);
        fill(canvas, scene.background().tone().jittered(random, GROUND_JITTER));
        double unit = (double) large / UNITS;
        try (Brush brush = new Brush(canvas, unit)) {
            for (Thing thing : scene.things()) {
                paint(thing, scene.style(), brush, large, unit);
            }
        }
        return BoxFilter.resize(canvas, side, side);
    }

    private void paint(Thing thing, Style style, Brush brush, int large, double unit) {
        double cell = (double) large / Place.SIDE;
        double x = (thing.place().column() + 0.5 + jitter(PLACE_JITTER)) * cell;
        double y = (thing.place().row() + 0.5 + jitter(PLACE_JITTER)) * cell;
        double radius = thing.size().radius() * cell * (1 + jitter(RADIUS_JITTER));
        Color colour = thing.colour().tone().jittered(random, COLOUR_JITTER);
        double angle = jitter(ANGLE_JITTER);
        double moved = (double) (Math.round(random.nextDouble() * PHASES) % PHASES) / PHASES;
        // Upwards, as in the pictures that the demo model has seen: otherwise odd rows of dots stand where even ones
        // did.
        double start = -moved * Brush.PERIOD * unit;
        brush.paint(thing.shape().outline(x, y, radius, angle), colour, style, start, start);
    }

    private double jitter(double most) {
        return (2 * random.nextDouble() - 1) * most;
    }

    private static void fill(BufferedImage canvas, Color colour) {
        Graphics2D pen = canvas.createGraphics();
        pen.setColor(colour);
        pen.fillRect(0, 0, canvas.getWidth(), canvas.getHeight());
        pen.dispose();
    }
}
