package io.dromaius.model.text;

import java.util.List;
import java.util.Locale;

/**
 * Shortens a generated answer the way the reference's question-answering evaluation does: the first clause, in lower case, without
 * its leading article.
 */
public final class ShortAnswer {

    private static final List<String> ENDS = List.of("\n", ". ", "\"", ", ");
    private static final List<String> LEADS = List.of("it is ", "it's ", "a ", "an ", "the ");

    private ShortAnswer() {}

    /** The short form of {@code answer}; may be empty. */
    public static String of(String answer) {
        String text = answer;
        for (String end : ENDS) {
            int at = text.indexOf(end);
            text = at < 0 ? text : text.substring(0, at);
        }
        text = Whitespace.strip(text).toLowerCase(Locale.ROOT);
        if (text.endsWith(".")) {
            text = text.substring(0, text.length() - 1);
        }
        // Each is removed once, in this order: "a the cat" loses both articles, "the a an" only the first.
        for (String lead : LEADS) {
            text = text.startsWith(lead) ? text.substring(lead.length()) : text;
        }
        return text;
    }
}
