package io.dromaius.cli.world;

import java.awt.AlphaComposite;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.Rectangle;
import java.awt.RenderingHints;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;

/** Paints outlines in a style. Without antialiasing: what is painted large and shrunk needs none. */
final class Brush implements AutoCloseable {
    // In 1/64 of the picture.
    private static final double STROKE = 2;
    private static final double DOT = 1.15;

    /** From one stripe, or row of dots, to the next, in 1/64 of the picture. */
    static final double PERIOD = 4;

    /** How much of the colour is left between stripes and dots. */
    private static final float PALE = 0.35f;

    private final Graphics2D pen;
    private final double unit;

    /**
     * @param unit pixels in 1/64 of the picture
     */
    Brush(BufferedImage canvas, double unit) {
        this.pen = canvas.createGraphics();
        this.unit = unit;
        pen.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_OFF);
        pen.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
    }

    /** Paints the inside of {@code outline}; stripes and dots start at ({@code startX}, {@code startY}) pixels. */
    void paint(Path2D outline, Color colour, Style style, double startX, double startY) {
        pen.setColor(colour);
        pen.setClip(outline);
        switch (style) {
            case FLAT -> pen.fill(outline);
            case OUTLINED -> {
                // The outer half of the line is clipped away.
                pen.setStroke(
                        new BasicStroke(Math.round(2 * STROKE * unit), BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND));
                pen.draw(outline);
            }
            case STRIPED -> {
                pale(outline);
                stripes(outline.getBounds(), startY);
            }
            case DOTTED -> {
                pale(outline);
                dots(outline.getBounds(), startX, startY);
            }
        }
    }

    private void pale(Path2D outline) {
        pen.setComposite(AlphaComposite.SrcOver.derive(PALE));
        pen.fill(outline);
        pen.setComposite(AlphaComposite.SrcOver);
    }

    private void stripes(Rectangle box, double startY) {
        double period = PERIOD * unit;
        double first = startY + period * (Math.floor((box.getMinY() - startY) / period) - 1);
        for (double y = first; y < box.getMaxY(); y += period) {
            pen.fill(new Rectangle2D.Double(box.getMinX(), y, box.getWidth(), period / 2));
        }
    }

    /** Every other row is moved by half a period. */
    private void dots(Rectangle box, double startX, double startY) {
        double period = PERIOD * unit;
        // Half a pixel more: the demo model's own pictures count both edge pixels of a dot.
        double radius = DOT * unit + 0.5;
        int lastRow = (int) Math.ceil((box.getMaxY() - startY) / period);
        int lastColumn = (int) Math.ceil((box.getMaxX() - startX) / period);
        for (int row = (int) Math.floor((box.getMinY() - startY) / period); row <= lastRow; row++) {
            double shift = Math.floorMod(row, 2) * 0.5;
            for (int column = (int) Math.floor((box.getMinX() - startX) / period) - 1; column <= lastColumn; column++) {
                double x = startX + (column + shift) * period;
                double y = startY + row * period;
                pen.fill(new Ellipse2D.Double(x - radius, y - radius, 2 * radius, 2 * radius));
            }
        }
    }

    @Override
    public void close() {
        pen.dispose();
    }
}
