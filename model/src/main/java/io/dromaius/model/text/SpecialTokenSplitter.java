package io.dromaius.model.text;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Splits text on special tokens and removes the whitespace beside them, as the reference's slow tokenizer does for tokens added
 * without their own stripping rule. Immutable.
 */
final class SpecialTokenSplitter {

    /** A special token when {@code id} is not negative, else ordinary text, never empty. */
    record Segment(int id, String text) {}

    private final SpecialTokens specials;
    private final Pattern pattern;

    SpecialTokenSplitter(SpecialTokens specials) {
        this.specials = specials;
        // Longest first, so that at one position the longest token wins.
        this.pattern = Pattern.compile(specials.ids().keySet().stream()
                .sorted(Comparator.comparingInt(String::length).reversed().thenComparing(Comparator.naturalOrder()))
                .map(Pattern::quote)
                .collect(Collectors.joining("|")));
    }

    List<Segment> split(String text) {
        List<Segment> segments = new ArrayList<>();
        Matcher matcher = pattern.matcher(text);
        int end = 0;
        while (matcher.find()) {
            addText(segments, text.substring(end, matcher.start()), end > 0, true);
            segments.add(new Segment(specials.id(matcher.group()).orElseThrow(), matcher.group()));
            end = matcher.end();
        }
        addText(segments, text.substring(end), end > 0, false);
        return segments;
    }

    private static void addText(List<Segment> segments, String text, boolean afterSpecial, boolean beforeSpecial) {
        String stripped = text;
        if (afterSpecial) {
            stripped = Whitespace.stripLeading(stripped);
        }
        if (beforeSpecial) {
            stripped = Whitespace.stripTrailing(stripped);
        }
        if (!stripped.isEmpty()) {
            segments.add(new Segment(-1, stripped));
        }
    }
}
