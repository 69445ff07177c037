package io.dromaius.cli.world;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** A constant that captions and answers call by its name. */
interface Named {
    String name();

    /** As it stands in a sentence: {@code TOP_LEFT} is "top left". */
    default String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    /** A regular expression of all their words, longest first, so that "top left" is not read as "top". */
    static String anyOf(Named... values) {
        return Arrays.stream(values)
                .map(Named::word)
                .sorted((one, other) -> other.length() - one.length())
                .collect(Collectors.joining("|"));
    }

    /** The one of {@code values} that is called {@code word}. */
    static <T extends Named> T called(String word, T[] values) {
        return Arrays.stream(values)
                .filter(value -> value.word().equals(word))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("nothing is called " + word));
    }
}
