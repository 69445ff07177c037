package io.dromaius.model.text;

import java.util.ArrayList;
import java.util.List;

/**
 * Watches the text of one sequence for stop strings. The text ends before the stop string that is complete first (of several complete
 * at the same character, before the longest), whatever the sizes of the pieces in which it arrives. The longest suffix that may still
 * become a stop string is held back.
 *
 * <p>Plain state; one thread at a time. The cost is a few comparisons for each character and stop string.
 */
public final class StopStrings {

    private final List<Pattern> patterns;
    private final StringBuilder held = new StringBuilder();
    private boolean stopped;

    /** A watch over text that has not begun. Without stop strings everything passes through. */
    public StopStrings(List<String> stops) {
        List<Pattern> built = new ArrayList<>(stops.size());
        for (String stop : stops) {
            if (stop.isEmpty()) {
                throw new IllegalArgumentException("a stop string is empty");
            }
            built.add(new Pattern(stop));
        }
        this.patterns = List.copyOf(built);
    }

    /** The text that can be shown now that {@code text} has arrived. Nothing is shown once a stop string was seen. */
    public String append(String text) {
        for (int i = 0; i < text.length() && !stopped; i++) {
            held.append(text.charAt(i));
            int matched = longestMatchAt(text.charAt(i));
            if (matched > 0) {
                held.setLength(held.length() - matched);
                stopped = true;
            }
        }
        return take(stopped ? held.length() : held.length() - longestPartial());
    }

    /** Whether a stop string was seen: the sequence is over. */
    public boolean stopped() {
        return stopped;
    }

    /** What was held back, now that no more text comes. */
    public String finish() {
        return take(held.length());
    }

    /** Advances every pattern by {@code c}; the length of the longest that is now complete, or 0. */
    private int longestMatchAt(char c) {
        int longest = 0;
        for (Pattern pattern : patterns) {
            if (pattern.advance(c)) {
                longest = Math.max(longest, pattern.stop.length());
            }
        }
        return longest;
    }

    private int longestPartial() {
        int longest = 0;
        for (Pattern pattern : patterns) {
            longest = Math.max(longest, pattern.matched);
        }
        return longest;
    }

    private String take(int length) {
        String taken = held.substring(0, length);
        held.delete(0, length);
        return taken;
    }

    /** Knuth-Morris-Pratt: {@code matched} is the length of the longest prefix of the stop string that the text ends with. */
    private static final class Pattern {

        private final String stop;
        private final int[] fallback;
        private int matched;

        Pattern(String stop) {
            this.stop = stop;
            this.fallback = new int[stop.length() + 1];
            for (int i = 1; i < stop.length(); i++) {
                fallback[i + 1] = extend(fallback[i], stop.charAt(i));
            }
        }

        boolean advance(char c) {
            matched = extend(matched, c);
            return matched == stop.length();
        }

        private int extend(int prefix, char c) {
            int length = prefix;
            while (length > 0 && stop.charAt(length) != c) {
                length = fallback[length];
            }
            return stop.charAt(length) == c ? length + 1 : 0;
        }
    }
}
