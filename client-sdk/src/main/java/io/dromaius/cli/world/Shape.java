package io.dromaius.cli.world;

import java.awt.geom.Path2D;

/** What an object is. */
public enum Shape implements Named {
    CIRCLE,
    SQUARE,
    TRIANGLE,
    STAR,
    CROSS,
    DIAMOND;

    private static final double TURN = 2 * Math.PI;
    private static final double ARM = 1.0;
    private static final double HALF_WIDTH_OF_ARM = 0.36;

    /** The closed polygon around (x, y), turned by {@code angle} radians; y points down. */
    Path2D outline(double x, double y, double radius, double angle) {
        Path2D path = new Path2D.Double();
        double[][] corners = corners();
        double cos = Math.cos(angle) * radius;
        double sin = Math.sin(angle) * radius;
        for (int i = 0; i < corners.length; i++) {
            double cornerX = x + corners[i][0] * cos - corners[i][1] * sin;
            double cornerY = y + corners[i][0] * sin + corners[i][1] * cos;
            if (i == 0) {
                path.moveTo(cornerX, cornerY);
            } else {
                path.lineTo(cornerX, cornerY);
            }
        }
        path.closePath();
        return path;
    }

    /** [corners][x, y] around the origin, upright, for a radius of 1. */
    private double[][] corners() {
        return switch (this) {
            case CIRCLE -> around(48, 0, 0.95);
            case SQUARE -> around(4, TURN / 8, 1.2);
            case TRIANGLE -> around(3, 0, 1.12);
            case STAR -> around(10, 0, 1.15, 0.46);
            case DIAMOND -> around(4, 0, 1.1, 0.75);
            case CROSS -> cross();
        };
    }

    /** Corners at equal turns, the first one at {@code start} from the top; their lengths repeat. */
    private static double[][] around(int count, double start, double... lengths) {
        double[][] corners = new double[count][];
        for (int i = 0; i < count; i++) {
            double turn = start + TURN * i / count;
            double length = lengths[i % lengths.length];
            corners[i] = new double[] {length * Math.sin(turn), -length * Math.cos(turn)};
        }
        return corners;
    }

    private static double[][] cross() {
        double[][] arm = {{ARM, HALF_WIDTH_OF_ARM}, {HALF_WIDTH_OF_ARM, HALF_WIDTH_OF_ARM}, {HALF_WIDTH_OF_ARM, ARM}};
        double[][] corners = new double[4 * arm.length][];
        for (int i = 0; i < corners.length; i++) {
            double[] corner = arm[i % arm.length];
            corners[i] = corner;
            // A quarter turn more for the corners of the next arm.
            arm[i % arm.length] = new double[] {-corner[1], corner[0]};
        }
        return corners;
    }
}
