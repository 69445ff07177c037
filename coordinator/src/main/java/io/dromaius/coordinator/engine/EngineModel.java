package io.dromaius.coordinator.engine;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * What the engine must know of the model: ids with a meaning, and lengths in positions.
 *
 * @param img opens a picture
 * @param endImg closes it
 * @param visualTokens embeddings of a picture
 * @param contextLength of the longest sequence
 */
public record EngineModel(int bos, int eos, int img, int endImg, int visualTokens, int contextLength) {
    public EngineModel {
        checkArgument(visualTokens > 0, "pictures of %s embeddings", visualTokens);
        checkArgument(contextLength > 0, "context of %s", contextLength);
    }
}
