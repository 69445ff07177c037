package io.dromaius.model.diffusion;

import io.dromaius.model.spec.SafetySpec;
import io.dromaius.model.weights.WeightShapes;

/** Names and shapes of the safety checker's tensors, as transformers stores them. */
public final class SafetyWeights {
    static final String THRESHOLDS = "concept_embeds_weights";
    static final String SPECIAL_THRESHOLDS = "special_care_embeds_weights";

    private static final String VISION = "vision_model.vision_model";

    private SafetyWeights() {}

    /**
     * The network, the concepts and their thresholds.
     *
     * @param concepts number of concepts
     * @param special number of concepts that make the others stricter
     */
    public static WeightShapes of(SafetySpec spec, long concepts, long special) {
        long width = spec.width();
        long side = spec.imageSize() / spec.patchSize();
        WeightShapes shapes = new WeightShapes()
                .add("concept_embeds", concepts, spec.embedding())
                .add("special_care_embeds", special, spec.embedding())
                .add(THRESHOLDS, concepts)
                .add(SPECIAL_THRESHOLDS, special)
                .add(VISION + ".embeddings.class_embedding", width)
                .add(VISION + ".embeddings.patch_embedding.weight", width, 3, spec.patchSize(), spec.patchSize())
                .matrix(VISION + ".embeddings.position_embedding", side * side + 1, width)
                .norm(VISION + ".pre_layrnorm", width);
        for (int i = 0; i < spec.layers(); i++) {
            String layer = VISION + ".encoder.layers." + i;
            shapes.linear(layer + ".self_attn.k_proj", width, width)
                    .linear(layer + ".self_attn.v_proj", width, width)
                    .linear(layer + ".self_attn.q_proj", width, width)
                    .linear(layer + ".self_attn.out_proj", width, width)
                    .norm(layer + ".layer_norm1", width)
                    .linear(layer + ".mlp.fc1", spec.inner(), width)
                    .linear(layer + ".mlp.fc2", width, spec.inner())
                    .norm(layer + ".layer_norm2", width);
        }
        return shapes.norm(VISION + ".post_layernorm", width).matrix("visual_projection", spec.embedding(), width);
    }
}
