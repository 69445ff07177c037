package io.dromaius.cli.world;

import static io.dromaius.cli.world.Captions.article;

import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;

/** Questions that a scene admits, of ten kinds. Not thread-safe. */
public final class RandomQuestions {
    private static final List<String> NUMBERS =
            List.of("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine");

    private final Random random;
    private final List<Function<Scene, Optional<Question>>> kinds = List.of(
            scene -> onTheOnly(scene, Thing::shape, "what color is the %s?", Thing::colour),
            scene -> onTheOnly(scene, Thing::colour, "what shape is %s?", Thing::shape),
            scene -> onTheOnly(scene, Thing::shape, "where is the %s?", Thing::place),
            scene -> onTheOnly(scene, Thing::colour, "how big is the %s object?", Thing::size),
            this::what,
            scene -> Optional.of(new Question(
                    "how many objects are there?", NUMBERS.get(scene.things().size()))),
            scene -> Optional.of(new Question("what style is it?", scene.style().word())),
            scene -> Optional.of(new Question(
                    "what color is the background?", scene.background().word())),
            scene -> Optional.of(isThere(scene)),
            this::comparison);

    public RandomQuestions(Random random) {
        this.random = random;
    }

    /** A question on {@code scene}. */
    public Question next(Scene scene) {
        Optional<Question> question = Optional.empty();
        while (question.isEmpty()) {
            question = one(kinds).apply(scene);
        }
        return question.get();
    }

    /** A question that names an object by what it alone has, {@code known}, and asks for what else it has. */
    private Optional<Question> onTheOnly(
            Scene scene, Function<Thing, Named> known, String question, Function<Thing, Named> asked) {
        return anyOf(onlyOfIts(scene, known))
                .map(thing -> new Question(
                        question.formatted(known.apply(thing).word()),
                        asked.apply(thing).word()));
    }

    private Optional<Question> what(Scene scene) {
        return anyOf(scene.things())
                .map(thing -> new Question("what is " + thing.place().phrase() + "?", article(thing.kind())));
    }

    /** Half of the time of something that is there. */
    private Question isThere(Scene scene) {
        boolean ofOneThere = random.nextBoolean() && !scene.things().isEmpty();
        Thing asked = ofOneThere
                ? one(scene.things())
                : new Thing(one(List.of(Shape.values())), one(List.of(Colour.values())), Size.SMALL, Place.CENTER);
        boolean there = scene.things().stream().anyMatch(thing -> thing.kind().equals(asked.kind()));
        return new Question("is there " + article(asked.kind()) + "?", there ? "yes" : "no");
    }

    private Optional<Question> comparison(Scene scene) {
        if (scene.things().size() != 2
                || onlyOfIts(scene, Thing::shape).size() != 2
                || onlyOfIts(scene, Thing::size).size() != 2) {
            return Optional.empty();
        }
        int first = random.nextInt(2);
        Thing thing = scene.things().get(first);
        Thing other = scene.things().get(1 - first);
        return Optional.of(new Question(
                "is the " + thing.shape().word() + " bigger than the "
                        + other.shape().word() + "?",
                thing.size() == Size.LARGE ? "yes" : "no"));
    }

    /** Objects that this attribute alone picks out. */
    private static List<Thing> onlyOfIts(Scene scene, Function<Thing, Named> attribute) {
        return scene.things().stream()
                .filter(thing -> scene.things().stream()
                                .filter(other -> attribute.apply(other).equals(attribute.apply(thing)))
                                .count()
                        == 1)
                .toList();
    }

    private Optional<Thing> anyOf(List<Thing> things) {
        return things.isEmpty() ? Optional.empty() : Optional.of(one(things));
    }

    private <T> T one(List<T> values) {
        return values.get(random.nextInt(values.size()));
    }
}
