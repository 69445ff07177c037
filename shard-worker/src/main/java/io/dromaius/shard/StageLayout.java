package io.dromaius.shard;

import io.dromaius.model.spec.LayerRange;
import io.dromaius.proto.internal.v1.DType;

/**
 * What to load.
 *
 * @param blockSize positions in a KV block
 * @param maxBlocks most KV blocks wanted
 * @param batchInvariant see {@link io.dromaius.model.llama.StageOptions}
 */
public record StageLayout(LayerRange layers, DType dtype, int blockSize, int maxBlocks, boolean batchInvariant) {
    /** Whether both are of the same weights, and compute with them alike. */
    boolean sameWeights(StageLayout other) {
        return layers.equals(other.layers) && dtype == other.dtype && batchInvariant == other.batchInvariant;
    }
}
