package io.dromaius.model.diffusion;

/** A draw that this model cannot do. */
public final class InvalidDrawException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    private final String field;
    private final String description;

    InvalidDrawException(String field, String description) {
        super(field + " " + description);
        this.field = field;
        this.description = description;
    }

    /** What is wrong: steps, height, width, guidance_scale, embeddings or initial_latents. */
    public String field() {
        return field;
    }

    /** What is wrong with it: "must be ...". */
    public String description() {
        return description;
    }
}
