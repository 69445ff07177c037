package io.dromaius.cli.world;

/** An object of a scene. */
public record Thing(Shape shape, Colour colour, Size size, Place place) {
    /** Whether the demo model has never been shown such a thing: kept to see whether it only repeats what it saw. */
    boolean heldOut() {
        return (colour == Colour.GREEN && shape == Shape.STAR)
                || (colour == Colour.BLUE && shape == Shape.CROSS)
                || (shape == Shape.TRIANGLE && place == Place.BOTTOM_LEFT);
    }

    Thing with(Shape newShape) {
        return new Thing(newShape, colour, size, place);
    }

    Thing with(Colour newColour) {
        return new Thing(shape, newColour, size, place);
    }

    /** "large red star". */
    String name() {
        return size.word() + " " + colour.word() + " " + shape.word();
    }

    /** "red star": what a picture must show at the place. */
    String kind() {
        return colour.word() + " " + shape.word();
    }
}
