package io.dromaius.cli.world;

/** How big an object is. */
public enum Size implements Named {
    SMALL(0.27),
    LARGE(0.45);

    private final double radius;

    Size(double radius) {
        this.radius = radius;
    }

    /** Of a cell's width. */
    double radius() {
        return radius;
    }
}
