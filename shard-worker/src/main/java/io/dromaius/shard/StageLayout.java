package io.dromaius.shard;

import io.dromaius.model.spec.LayerRange;
import io.dromaius.proto.internal.v1.DType;

/**
 * What to load.
 *
 * @param blockSize positions in a KV block
 * @param maxBlocks most KV blocks wanted
 */
public record StageLayout(LayerRange layers, DType dtype, int blockSize, int maxBlocks) {
    /** Whether both are of the same weights. */
    boolean sameWeights(StageLayout other) {
        return layers.equals(other.layers) && dtype == other.dtype;
    }
}
