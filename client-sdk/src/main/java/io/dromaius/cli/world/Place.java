package io.dromaius.cli.world;

/** A cell of the 3 x 3 grid, in reading order. */
public enum Place implements Named {
    TOP_LEFT(0, 0),
    TOP(0, 1),
    TOP_RIGHT(0, 2),
    LEFT(1, 0),
    CENTER(1, 1),
    RIGHT(1, 2),
    BOTTOM_LEFT(2, 0),
    BOTTOM(2, 1),
    BOTTOM_RIGHT(2, 2);

    /** Cells in a row and in a column. */
    static final int SIDE = 3;

    private final int row;
    private final int column;

    Place(int row, int column) {
        this.row = row;
        this.column = column;
    }

    int row() {
        return row;
    }

    int column() {
        return column;
    }

    /** As a sentence says it: "at the top left", "in the center". */
    String phrase() {
        return (this == CENTER ? "in the " : "at the ") + word();
    }
}
