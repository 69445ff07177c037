package io.dromaius.shard;

import io.dromaius.model.spec.LayerRange;
import io.dromaius.proto.internal.v1.DType;

/**
 * What a stage is, as far as its frames are concerned.
 *
 * @param modelLayers layers of the whole model
 * @param vocabulary ids are below this
 * @param blocks KV blocks, numbered from 0
 * @param blockSize positions in a block
 */
public record StageSpec(
        LayerRange layers, int modelLayers, int hidden, int vocabulary, DType dtype, int blocks, int blockSize) {
    /** Whether this stage embeds the inputs. */
    public boolean first() {
        return layers.first() == 0;
    }

    /** Whether this stage reads the heads. */
    public boolean last() {
        return layers.end() == modelLayers;
    }

    StageSpec withBlocks(int otherBlocks, int otherBlockSize) {
        return new StageSpec(layers, modelLayers, hidden, vocabulary, dtype, otherBlocks, otherBlockSize);
    }

    int elementBytes() {
        return dtype == DType.D_TYPE_FP32 ? Float.BYTES : Short.BYTES;
    }
}
