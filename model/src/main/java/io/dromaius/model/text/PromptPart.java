package io.dromaius.model.text;

import java.util.Objects;

/** A piece of a prompt, in the order in which the model reads them. */
public sealed interface PromptPart {

    /** Text as the user typed it; special tokens other than {@code <image>} may be written in it. */
    record Text(String text) implements PromptPart {
        public Text {
            Objects.requireNonNull(text, "text is null");
        }
    }

    /** {@code count} pictures in a row: 1 for an image, the number of frames for a video. */
    record Pictures(int count) implements PromptPart {
        public Pictures {
            if (count < 1) {
                throw new IllegalArgumentException("count is " + count);
            }
        }
    }
}
