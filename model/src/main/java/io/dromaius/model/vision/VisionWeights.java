package io.dromaius.model.vision;

import io.dromaius.model.spec.CausalFormerSpec;
import io.dromaius.model.spec.VitSpec;
import io.dromaius.model.weights.WeightShapes;

/** Names and shapes of the encoder's tensors, as the released state dict has them. */
public final class VisionWeights {
    private VisionWeights() {}

    /**
     * The vision transformer and the norm after it.
     *
     * @param inner width of the MLP's hidden layer
     */
    public static WeightShapes vit(VitSpec spec, long inner) {
        long width = spec.width();
        WeightShapes shapes = new WeightShapes()
                .add("visual.cls_token", 1, 1, width)
                .add("visual.pos_embed", 1, spec.tokens(), width)
                .conv("visual.patch_embed.proj", width, 3, spec.patchSize());
        for (int i = 0; i < spec.layers(); i++) {
            String block = "visual.blocks." + i;
            shapes.norm(block + ".norm1", width)
                    .add(block + ".attn.q_bias", width)
                    .add(block + ".attn.v_bias", width)
                    .matrix(block + ".attn.qkv", 3 * width, width)
                    .linear(block + ".attn.proj", width, width)
                    .norm(block + ".norm2", width)
                    .linear(block + ".mlp.fc1", inner, width)
                    .linear(block + ".mlp.fc2", width, inner);
        }
        return shapes.norm("ln_visual", width);
    }

    /**
     * The causal transformer.
     *
     * @param inner width of the feed-forward's hidden layer
     * @param features width of the vision transformer
     * @param hidden width of the language model
     */
    public static WeightShapes causalFormer(CausalFormerSpec spec, long inner, long features, long hidden) {
        long width = spec.width();
        long heads = (long) spec.heads() * spec.headWidth();
        WeightShapes shapes = new WeightShapes().add("cformer.causal_tokens", 1, spec.queries(), width);
        for (int i = 0; i < spec.layers(); i++) {
            String block = "cformer.cformer.block." + i + ".layer.";
            attention(shapes, block + "0.SelfAttention", width, heads, width);
            if (i == 0) {
                shapes.matrix(block + "0.SelfAttention.relative_attention_bias", spec.buckets(), spec.heads());
            }
            shapes.add(block + "0.layer_norm.weight", width);
            attention(shapes, block + "1.EncDecAttention", width, heads, features);
            shapes.add(block + "1.layer_norm.weight", width)
                    .matrix(block + "2.DenseReluDense.wi", inner, width)
                    .matrix(block + "2.DenseReluDense.wo", width, inner)
                    .add(block + "2.layer_norm.weight", width);
        }
        return shapes.add("cformer.cformer.final_layer_norm.weight", width).linear("cformer.projection", hidden, width);
    }

    private static void attention(WeightShapes shapes, String prefix, long width, long heads, long memory) {
        shapes.matrix(prefix + ".q", heads, width)
                .matrix(prefix + ".k", heads, memory)
                .matrix(prefix + ".v", heads, memory)
                .matrix(prefix + ".o", width, heads);
    }
}
