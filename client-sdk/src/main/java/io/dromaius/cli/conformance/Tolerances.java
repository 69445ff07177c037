package io.dromaius.cli.conformance;

/** Largest differences from the reference that its own rounding explains, by what is compared (maximum absolute). */
final class Tolerances {
    /** Preprocessed pixels. */
    static final double PIXELS = 1e-6;
    /** Blocks of the vision transformer and of the causal transformer, and their results. */
    static final double VISION = 1e-4;
    /** Input embeddings, outputs of LLaMA layers, regress head. */
    static final double HIDDEN = 5e-5;

    static final double LOGITS = 2e-4;
    /** Logits with a cache against those of the whole prompt at once. */
    static final double INCREMENTAL_LOGITS = 1e-4;
    /** Of a beam's score: this share of it and {@link #SCORE_ABSOLUTE} on top. */
    static final double SCORE_RELATIVE = 2e-5;

    static final double SCORE_ABSOLUTE = 5e-5;
    /** Losses of ranked candidates. */
    static final double LOSS = 2e-5;
    /** Visual embeddings that the model generates: the feedback from one to the next amplifies rounding. */
    static final double GENERATED_EMBEDDINGS = 2e-3;
    /** The same, of the first positions. */
    static final double FIRST_GENERATED_EMBEDDINGS = 1e-4;

    static final int FIRST_POSITIONS = 8;
    /** The first noise that the UNet predicts, and what its parts put out. */
    static final double UNET = 2e-4;
    /** Latents after each step. */
    static final double LATENTS = 1e-3;

    static final double VAE = 2e-4;
    /** Embeddings of the safety checker, and its cosines. */
    static final double SAFETY_EMBEDDINGS = 5e-3;

    static final double SAFETY_COSINES = 2e-3;
    /** Share of a picture's bytes that may be off, each by one. */
    static final double PICTURE_BYTES = 0.01;
    /** Processed scores of the unit cases, which pass a norm and its inverse on the way. */
    static final double PROCESSED_SCORES = 5e-6;

    private Tolerances() {}
}
