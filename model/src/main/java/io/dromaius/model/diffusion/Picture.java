package io.dromaius.model.diffusion;

import io.dromaius.model.vision.RgbImage;

/**
 * A drawn picture. A flagged one is black.
 *
 * @param verdict of the picture as it was drawn
 */
public record Picture(RgbImage image, Verdict verdict) {
    public boolean flagged() {
        return verdict.flagged();
    }
}
