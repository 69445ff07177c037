package io.dromaius.coordinator.engine;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * What the engine must know of the model: ids with a meaning, and the longest sequence in positions.
 *
 * @param img opens a picture
 * @param endImg closes it
 */
public record EngineModel(int bos, int eos, int img, int endImg, int contextLength) {
    /** Embeddings of a picture. */
    public static final int VISUAL_TOKENS = 32;

    public EngineModel {
        checkArgument(contextLength > 0, "context of %s", contextLength);
    }
}
