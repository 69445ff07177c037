package io.dromaius.cli.world;

import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Sentences that say everything about a scene: its style, its background, and size, colour, shape and place of each object. */
public final class Captions {
    private static final List<Function<Scene, String>> PATTERNS = List.of(
            s -> article(style(s)) + " picture, " + tour(s) + ", on " + article(ground(s)) + " background.",
            s -> "this is " + listing(s) + " on " + article(ground(s)) + " background, " + style(s) + ".",
            s -> "on " + article(ground(s)) + " background, " + tour(s) + ", drawn " + style(s) + ".",
            s -> "this " + style(s) + " picture shows " + listing(s) + ". the background is " + ground(s) + ".",
            s -> "there is " + listing(s) + ". it is " + style(s) + " on " + ground(s) + ".",
            s -> "a drawing in " + style(s) + " style: " + tour(s) + " on " + ground(s) + ".",
            s -> tour(s) + ", " + style(s) + ", " + ground(s) + " background.",
            s -> "we see " + listing(s) + " in " + style(s) + " style on " + article(ground(s)) + " background.",
            s -> style(s) + " on " + ground(s) + ": " + tour(s) + ".",
            s -> "the background is " + ground(s) + " and the style is " + style(s) + ". there is " + listing(s) + ".",
            s -> article(ground(s)) + " background with " + tour(s) + ", in " + style(s) + " style.",
            s -> "here is " + article(style(s)) + " scene on " + ground(s) + ", " + tour(s) + ".",
            s -> "look, " + tour(s) + "! the style is " + style(s) + ", the background " + ground(s) + ".");

    private Captions() {}

    /** The plainest one. */
    public static String plain(Scene scene) {
        return PATTERNS.get(0).apply(scene);
    }

    /** Any one. */
    public static String any(Scene scene, Random random) {
        return PATTERNS.get(random.nextInt(PATTERNS.size())).apply(scene);
    }

    /** The same in every wording. */
    static List<String> all(Scene scene) {
        return PATTERNS.stream().map(pattern -> pattern.apply(scene)).toList();
    }

    /** The objects alone: "a small red star at the top and a large blue circle in the center", or "nothing". */
    static String listing(Scene scene) {
        if (scene.things().isEmpty()) {
            return "nothing";
        }
        return scene.things().stream()
                .map(thing -> article(thing.name()) + " " + thing.place().phrase())
                .collect(Collectors.joining(" and "));
    }

    /** Place by place: "at the top a small red star and in the center a large blue circle". */
    private static String tour(Scene scene) {
        return scene.things().stream()
                .map(thing -> thing.place().phrase() + " " + article(thing.name()))
                .collect(Collectors.joining(" and "));
    }

    static String article(String words) {
        return ("aeiou".indexOf(words.charAt(0)) >= 0 ? "an " : "a ") + words;
    }

    private static String style(Scene scene) {
        return scene.style().word();
    }

    private static String ground(Scene scene) {
        return scene.background().word();
    }
}
