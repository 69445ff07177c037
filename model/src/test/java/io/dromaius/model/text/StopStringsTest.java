package io.dromaius.model.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class StopStringsTest {

    @Test
    void holdsBackWhatMayBecomeAStopString() {
        StopStrings stops = new StopStrings(List.of("\n\nQ", "END"));
        assertThat(stops.append("one\n")).isEqualTo("one");
        assertThat(stops.append("\n")).isEmpty();
        assertThat(stops.append("E")).isEqualTo("\n\n");
        assertThat(stops.append("N")).isEmpty();
        assertThat(stops.append("DING")).isEmpty();
        assertThat(stops.stopped()).isTrue();
        assertThat(stops.finish()).isEmpty();
    }

    @Test
    void releasesWhatItHeldWhenTheTextEnds() {
        StopStrings stops = new StopStrings(List.of("</answer>"));
        assertThat(stops.append("yes</ans")).isEqualTo("yes");
        assertThat(stops.finish()).isEqualTo("</ans");
        assertThat(stops.stopped()).isFalse();
    }

    @Test
    void withoutStopStringsNothingIsHeld() {
        assertThat(new StopStrings(List.of()).append("anything")).isEqualTo("anything");
    }

    @Test
    void anEmptyStopStringIsRefused() {
        assertThatThrownBy(() -> new StopStrings(List.of("a", ""))).isInstanceOf(IllegalArgumentException.class);
    }

    /** A small alphabet makes overlaps and restarts frequent; the model is a search over the whole text. */
    @Test
    void agreesWithASearchOverTheWholeTextHoweverItIsCut() {
        Random random = new Random(11);
        for (int round = 0; round < 5_000; round++) {
            List<String> stops = Stream.generate(() -> word(random, 1 + random.nextInt(4)))
                    .limit(random.nextInt(4))
                    .toList();
            String text = word(random, random.nextInt(20));
            StopStrings watch = new StopStrings(stops);
            StringBuilder shown = new StringBuilder();
            int at = 0;
            while (at < text.length()) {
                int end = Math.min(text.length(), at + 1 + random.nextInt(4));
                shown.append(watch.append(text.substring(at, end)));
                at = end;
                String seen = text.substring(0, at);
                if (cut(seen, stops) < 0) {
                    assertThat(shown.length()).isEqualTo(at - longestPartial(seen, stops));
                }
            }
            int cut = cut(text, stops);
            assertThat(watch.stopped()).isEqualTo(cut >= 0);
            assertThat(shown + watch.finish()).isEqualTo(cut >= 0 ? text.substring(0, cut) : text);
        }
    }

    private static int cut(String text, List<String> stops) {
        for (int end = 1; end <= text.length(); end++) {
            String head = text.substring(0, end);
            int longest = stops.stream()
                    .filter(head::endsWith)
                    .mapToInt(String::length)
                    .max()
                    .orElse(0);
            if (longest > 0) {
                return end - longest;
            }
        }
        return -1;
    }

    private static int longestPartial(String text, List<String> stops) {
        int longest = 0;
        for (String stop : stops) {
            for (int length = 1; length < stop.length(); length++) {
                if (text.endsWith(stop.substring(0, length))) {
                    longest = Math.max(longest, length);
                }
            }
        }
        return longest;
    }

    private static String word(Random random, int length) {
        return random.ints(length, 'a', 'c')
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}
