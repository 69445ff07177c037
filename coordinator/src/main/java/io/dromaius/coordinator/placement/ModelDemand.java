package io.dromaius.coordinator.placement;

import static com.google.common.base.Preconditions.checkArgument;

import io.dromaius.model.spec.LlamaSpec;
import io.dromaius.proto.internal.v1.DType;

/**
 * What the language model asks of the shards that hold it. All layers are alike; the first stage also holds the token
 * embedding, the last one the final norm and the heads.
 *
 * @param layers number of layers
 * @param layerParameters weights of one layer
 * @param embeddingParameters weights of the token embedding
 * @param headParameters weights of the final norm, lm_head and stu_regress_head
 * @param kvBytesPerLayer the least KV memory that one layer needs for a pipeline to be of use
 */
public record ModelDemand(
        int layers, long layerParameters, long embeddingParameters, long headParameters, long kvBytesPerLayer) {
    public ModelDemand {
        checkArgument(layers > 0, "layers: %s", layers);
        checkArgument(layerParameters > 0, "layerParameters: %s", layerParameters);
        checkArgument(embeddingParameters >= 0, "embeddingParameters: %s", embeddingParameters);
        checkArgument(headParameters >= 0, "headParameters: %s", headParameters);
        checkArgument(kvBytesPerLayer >= 0, "kvBytesPerLayer: %s", kvBytesPerLayer);
    }

    /** What a model of these sizes asks; the least KV is one sequence of full length, in float32. */
    public static ModelDemand of(LlamaSpec llama) {
        long hidden = llama.hidden();
        long layer = 4 * hidden * hidden + 3 * hidden * llama.intermediate() + 2 * hidden;
        long embedding = hidden * llama.vocabulary();
        long heads = hidden * llama.vocabulary() + hidden * hidden + hidden;
        return new ModelDemand(
                llama.layers(), layer, embedding, heads, 2 * hidden * Float.BYTES * llama.maxPositions());
    }

    /** Bytes that a stage of {@code count} layers needs for weights and the least KV. */
    long stageBytes(DType dtype, int count, boolean first, boolean last) {
        long parameters = count * layerParameters + (first ? embeddingParameters : 0) + (last ? headParameters : 0);
        return parameters * bytesPerElement(dtype) + count * kvBytesPerLayer;
    }

    /** Time of the heads in units of one layer: both are bound by the weights they read. */
    double headLayers() {
        return (double) headParameters / layerParameters;
    }

    private static int bytesPerElement(DType dtype) {
        return switch (dtype) {
            case D_TYPE_FP32 -> 4;
            case D_TYPE_BF16, D_TYPE_FP16 -> 2;
            case D_TYPE_UNSPECIFIED, UNRECOGNIZED -> throw new IllegalArgumentException("dtype " + dtype);
        };
    }
}
