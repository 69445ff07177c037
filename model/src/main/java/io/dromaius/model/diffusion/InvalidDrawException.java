package io.dromaius.model.diffusion;

/** A draw that this model cannot do. */
public final class InvalidDrawException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    private final String field;

    InvalidDrawException(String field, String message) {
        super(field + " " + message);
        this.field = field;
    }

    /** What is wrong: steps, height, width, guidance_scale, embeddings or initial_latents. */
    public String field() {
        return field;
    }
}
