package io.dromaius.cli.world;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Scenes as the demo model was trained on them: the same seed gives the same scenes. Not thread-safe. */
public final class RandomScenes {
    /** Of 11 scenes, 5 show one object, 4 show two and 2 show three. */
    private static final int[] COUNTS = {1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3};

    private final Random random;

    public RandomScenes(Random random) {
        this.random = random;
    }

    /** A scene without any combination that was held out of training. */
    public Scene next() {
        return next(false);
    }

    /** With {@code heldOut} one of its objects is a held-out combination, the others are not. */
    Scene next(boolean heldOut) {
        List<Place> places = new ArrayList<>(Arrays.asList(Place.values()));
        Collections.shuffle(places, random);
        int count = COUNTS[random.nextInt(COUNTS.length)];
        List<Thing> things = new ArrayList<>();
        for (Place place : places.subList(0, count)) {
            things.add(thing(place, heldOut && things.isEmpty()));
        }
        return new Scene(things, one(Background.values()), one(Style.values()));
    }

    private Thing thing(Place place, boolean heldOut) {
        Thing thing;
        do {
            thing = new Thing(one(Shape.values()), one(Colour.values()), one(Size.values()), place);
        } while (thing.heldOut() != heldOut);
        return thing;
    }

    private <T> T one(T[] values) {
        return values[random.nextInt(values.length)];
    }
}
