package io.dromaius.model.text;

/** A prompt that cannot be assembled; {@link #field} names the part at fault as the public API spells it. */
public final class PromptException extends Exception {

    private static final long serialVersionUID = 1L;

    private final String field;

    public PromptException(String field, String message) {
        super(message);
        this.field = field;
    }

    /** For example {@code prompt.parts[2].text}. */
    public String field() {
        return field;
    }
}
