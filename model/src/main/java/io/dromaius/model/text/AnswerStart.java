package io.dromaius.model.text;

/** What the model is to begin its answer with. */
public enum AnswerStart {
    TEXT,
    /**
     * A picture: {@code [IMG]} is appended to the prompt's text before it is tokenized, so whitespace at the end of the prompt vanishes as in
     * the reference.
     */
    PICTURE
}
