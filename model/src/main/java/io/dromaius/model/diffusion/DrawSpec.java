package io.dromaius.model.diffusion;

/**
 * How to draw a picture.
 *
 * @param steps denoise steps; the UNet is called once more than that
 * @param guidanceScale how far to go from the unconditional prediction to the conditional one and beyond; at 1 or less there
 *     is no unconditional one
 * @param height pixels
 * @param width pixels
 */
public record DrawSpec(int steps, double guidanceScale, int height, int width) {
    public boolean guided() {
        return guidanceScale > 1;
    }

    /** Rows of embeddings: conditional and, when guided, unconditional. */
    public int contexts() {
        return guided() ? 2 : 1;
    }
}
