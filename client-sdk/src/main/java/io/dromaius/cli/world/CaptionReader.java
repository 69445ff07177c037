package io.dromaius.cli.world;

import static io.dromaius.cli.world.Named.called;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What a caption says, whatever its wording. */
public final class CaptionReader {
    private static final String PLACE = "\\b(?:in|at) the (?<place>" + Named.anyOf(Place.values()) + ")\\b";
    private static final String THING = "\\ban? (?<size>" + Named.anyOf(Size.values()) + ") (?<colour>"
            + Named.anyOf(Colour.values()) + ") (?<shape>" + Named.anyOf(Shape.values()) + ")\\b";
    private static final Pattern PLACES = Pattern.compile(PLACE);
    private static final Pattern THINGS = Pattern.compile(THING);
    private static final Pattern THING_THEN_PLACE = Pattern.compile(THING + " " + PLACE);
    private static final Pattern PLACE_THEN_THING = Pattern.compile(PLACE + " " + THING);
    private static final Pattern STYLES = Pattern.compile("\\b(?:" + Named.anyOf(Style.values()) + ")\\b");
    private static final Pattern GROUNDS = Pattern.compile("\\b(?:" + Named.anyOf(Background.values()) + ")\\b");
    /** What may not be left over when objects with their places are taken out: half an object, a second place, a denial. */
    private static final Pattern MORE = Pattern.compile("\\b(?:" + Named.anyOf(Size.values()) + "|"
            + Named.anyOf(Colour.values()) + "|" + Named.anyOf(Shape.values()) + "|" + Named.anyOf(Place.values())
            + ")(?:e?s)?\\b|\\b(?:no|not|nor|never|without)\\b|n't");

    private static final Pattern SPACES = Pattern.compile("\\s+");

    private CaptionReader() {}

    /** The scene that it describes; empty when it leaves something out, says more or contradicts itself. */
    public static Optional<Scene> read(String caption) {
        String text = SPACES.matcher(caption.toLowerCase(Locale.ROOT)).replaceAll(" ");
        Pattern objects = objects(text);
        List<Thing> things = find(objects, text);
        String rest = objects.matcher(text).replaceAll("");
        Set<String> styles = words(STYLES, rest);
        Set<String> grounds = words(GROUNDS, rest);
        boolean whole = !things.isEmpty() && !MORE.matcher(rest).find();
        boolean placesDiffer = things.stream().map(Thing::place).distinct().count() == things.size();
        if (!whole || !placesDiffer || styles.size() != 1 || grounds.size() != 1) {
            return Optional.empty();
        }
        return Optional.of(new Scene(
                things,
                called(grounds.iterator().next(), Background.values()),
                called(styles.iterator().next(), Style.values())));
    }

    /** In "at the top a small red star and at the left ..." a place could belong to either side: what comes first tells. */
    private static Pattern objects(String text) {
        return first(PLACES, text) < first(THINGS, text) ? PLACE_THEN_THING : THING_THEN_PLACE;
    }

    private static int first(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        return matcher.find() ? matcher.start() : text.length();
    }

    private static List<Thing> find(Pattern pattern, String text) {
        List<Thing> found = new ArrayList<>();
        Matcher matcher = pattern.matcher(text);
        while (matcher.find()) {
            found.add(new Thing(
                    called(matcher.group("shape"), Shape.values()),
                    called(matcher.group("colour"), Colour.values()),
                    called(matcher.group("size"), Size.values()),
                    called(matcher.group("place"), Place.values())));
        }
        return found;
    }

    private static Set<String> words(Pattern pattern, String text) {
        return pattern.matcher(text).results().map(MatchResult::group).collect(Collectors.toSet());
    }
}
