package io.dromaius.model.text;

/** A prompt as the model reads it. Immutable. */
public final class AssembledPrompt {

    private final String text;
    private final int[] ids;
    private final int[] pictureSlots;

    AssembledPrompt(String text, int[] ids, int[] pictureSlots) {
        this.text = text;
        this.ids = ids.clone();
        this.pictureSlots = pictureSlots.clone();
    }

    /** The whole string that was tokenized. */
    public String text() {
        return text;
    }

    /** Its ids, BOS first; a copy. */
    public int[] ids() {
        return ids.clone();
    }

    /** For each picture, in order, the index in {@link #ids} of the first of its consecutive {@code <image>} ids; a copy. */
    public int[] pictureSlots() {
        return pictureSlots.clone();
    }
}
