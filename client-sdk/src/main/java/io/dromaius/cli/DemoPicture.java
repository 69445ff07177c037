package io.dromaius.cli;

import java.awt.Color;
import java.awt.GradientPaint;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.imageio.ImageIO;

/** A picture to talk about: a red ball on a green hill under a blue sky. */
final class DemoPicture {
    private static final int WIDTH = 320;
    private static final int HEIGHT = 240;

    private DemoPicture() {}

    static byte[] png() {
        BufferedImage picture = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
        Graphics2D pen = picture.createGraphics();
        pen.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        pen.setPaint(new GradientPaint(0, 0, new Color(90, 150, 230), 0, HEIGHT, new Color(210, 230, 250)));
        pen.fillRect(0, 0, WIDTH, HEIGHT);
        pen.setPaint(new Color(60, 150, 70));
        pen.fillOval(-80, 150, WIDTH + 160, 220);
        pen.setPaint(new GradientPaint(130, 90, new Color(240, 90, 80), 200, 170, new Color(150, 20, 30)));
        pen.fillOval(125, 85, 80, 80);
        pen.dispose();
        try {
            ByteArrayOutputStream png = new ByteArrayOutputStream();
            ImageIO.write(picture, "png", png);
            return png.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write to memory", e);
        }
    }
}
