package io.dromaius.cli.conformance;

import io.dromaius.client.Prompt;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Prompts of cases: assembled strings in which each picture stands as its placeholder tokens. */
final class CasePrompt {
    /** A literal [IMG]...[/IMG] around other text, which system messages quote, is text. */
    private static final Pattern PICTURE = Pattern.compile("\\[IMG](?:<image>)+\\[/IMG]");

    private CasePrompt() {}

    /** Pictures that {@code assembled} holds. */
    static int pictures(String assembled) {
        return (int) PICTURE.matcher(assembled).results().count();
    }

    /**
     * Takes an assembled string apart again.
     *
     * @param images names of its pictures, in order
     */
    static Prompt parse(String assembled, List<String> images, GoldenSet set) {
        Prompt.Builder prompt = Prompt.builder();
        Matcher picture = PICTURE.matcher(assembled);
        int from = 0;
        int next = 0;
        while (picture.find()) {
            text(prompt, assembled.substring(from, picture.start()));
            prompt.image(set.inputBytes(images.get(next++)));
            from = picture.end();
        }
        text(prompt, assembled.substring(from));
        if (next != images.size()) {
            throw new IllegalArgumentException("the prompt has room for " + next + " pictures, not " + images.size());
        }
        return prompt.build();
    }

    private static void text(Prompt.Builder prompt, String text) {
        if (!text.isEmpty()) {
            prompt.text(text);
        }
    }
}
