package io.dromaius.cli.world;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What a picture shows.
 *
 * @param things no two at one place; kept in reading order, whatever order they are given in
 */
public record Scene(List<Thing> things, Background background, Style style) {
    public Scene {
        things = things.stream().sorted(Comparator.comparing(Thing::place)).toList();
        if (things.stream().map(Thing::place).distinct().count() != things.size()) {
            throw new IllegalArgumentException("two things at one place: " + things);
        }
    }

    Optional<Thing> at(Place place) {
        return things.stream().filter(thing -> thing.place() == place).findFirst();
    }
}
