package io.dromaius.cli.world;

import java.util.List;

/** Things and scenes that tests share. */
final class Scenes {
    static final Thing STAR = new Thing(Shape.STAR, Colour.ORANGE, Size.LARGE, Place.TOP);
    static final Thing DISC = new Thing(Shape.CIRCLE, Colour.RED, Size.SMALL, Place.CENTER);
    static final Scene STAR_AND_DISC = new Scene(List.of(STAR, DISC), Background.BROWN, Style.OUTLINED);

    private Scenes() {}
}
