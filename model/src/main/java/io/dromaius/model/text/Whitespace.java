package io.dromaius.model.text;

/**
 * Whitespace as Python's {@code str.strip} has it, which is what the reference strips with. It differs from Java's
 * {@link Character#isWhitespace} by the no-break spaces and U+0085.
 */
final class Whitespace {

    private Whitespace() {}

    static boolean isWhitespace(char c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\u0085';
    }

    static String strip(String text) {
        return stripTrailing(stripLeading(text));
    }

    static String stripLeading(String text) {
        int start = 0;
        while (start < text.length() && isWhitespace(text.charAt(start))) {
            start++;
        }
        return text.substring(start);
    }

    static String stripTrailing(String text) {
        int end = text.length();
        while (end > 0 && isWhitespace(text.charAt(end - 1))) {
            end--;
        }
        return text.substring(0, end);
    }
}
