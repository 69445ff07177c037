package io.dromaius.cli.world;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** A question on a picture, and its right answer. */
public record Question(String text, String answer) {
    private static final Set<String> EMPTY_WORDS = Set.of("a", "an", "the", "it", "is", "in", "at");
    private static final Pattern WORD = Pattern.compile("[a-z]+");

    /** Whether {@code given} is the right answer but for case, punctuation and articles. */
    public boolean answeredBy(String given) {
        return core(given).equals(core(answer));
    }

    private static List<String> core(String text) {
        return WORD.matcher(text.toLowerCase(Locale.ROOT))
                .results()
                .map(MatchResult::group)
                .filter(word -> !EMPTY_WORDS.contains(word))
                .toList();
    }
}
