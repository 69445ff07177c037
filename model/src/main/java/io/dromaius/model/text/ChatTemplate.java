package io.dromaius.model.text;

import java.util.Objects;

/** How turns become one prompt: system, then for each turn its role and its text, with {@code separator} between all of them. */
public record ChatTemplate(String user, String assistant, String separator) {

    /** The instruct model's: {@code system [USER]: text [ASSISTANT]:}. */
    public static final ChatTemplate EMU = new ChatTemplate("[USER]:", "[ASSISTANT]:", " ");

    public ChatTemplate {
        Objects.requireNonNull(user, "user is null");
        Objects.requireNonNull(assistant, "assistant is null");
        Objects.requireNonNull(separator, "separator is null");
    }
}
