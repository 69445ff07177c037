package io.dromaius.model.tiny;

/** Tensors of {@code multimodal_encoder/pytorch_model.bin}: EVA-CLIP, causal transformer and LLaMA, with the dtypes of the release. */
final class EmuTensors {

    static final int LORA_RANK = 16;

    private static final int POSITION_BUCKETS = 32;

    private final TinySizes sizes;
    private final int embeddings;
    private final boolean instruct;

    /** {@code embeddings}: rows of the token embedding. {@code instruct} gives PEFT's names and its LoRA pairs. */
    EmuTensors(TinySizes sizes, int embeddings, boolean instruct) {
        this.sizes = sizes;
        this.embeddings = embeddings;
        this.instruct = instruct;
    }

    StateDict all() {
        StateDict all = new StateDict(false);
        all.addAll(vision());
        all.addAll(llama());
        all.addAll(causalTransformer());
        return all;
    }

    private StateDict vision() {
        int width = sizes.visionWidth();
        StateDict dict = new StateDict(false)
                .normal("visual.cls_token", 0.5, 1, 1, width)
                .normal("visual.pos_embed", 0.5, 1, sizes.pictures().positions(), width)
                .convolution(
                        "visual.patch_embed.proj", width, 3, sizes.pictures().patch());
        for (int i = 0; i < sizes.visionLayers(); i++) {
            String block = "visual.blocks." + i + ".";
            dict.norm(block + "norm1", width)
                    .normal(block + "attn.q_bias", 0.02, width)
                    .normal(block + "attn.v_bias", 0.02, width)
                    .linear(block + "attn.qkv", 3 * width, width)
                    .linearWithBias(block + "attn.proj", width, width)
                    .norm(block + "norm2", width)
                    .linearWithBias(block + "mlp.fc1", sizes.visionInner(), width)
                    .linearWithBias(block + "mlp.fc2", width, sizes.visionInner());
        }
        return dict.norm("ln_visual", width);
    }

    private StateDict causalTransformer() {
        int width = sizes.causalWidth();
        StateDict stack = new StateDict(true);
        for (int i = 0; i < sizes.causalLayers(); i++) {
            String block = "cformer.cformer.block." + i + ".layer.";
            // T5 does not divide by the root of the head's width, so the queries are made small instead.
            stack.linear(block + "0.SelfAttention.q", width, width, 0.3)
                    .linear(block + "0.SelfAttention.k", width, width)
                    .linear(block + "0.SelfAttention.v", width, width)
                    .linear(block + "0.SelfAttention.o", width, width);
            if (i == 0) {
                stack.normal(
                        block + "0.SelfAttention.relative_attention_bias.weight",
                        0.5,
                        POSITION_BUCKETS,
                        sizes.causalHeads());
            }
            stack.scale(block + "0.layer_norm", width)
                    .linear(block + "1.EncDecAttention.q", width, width, 0.3)
                    .linear(block + "1.EncDecAttention.k", width, sizes.visionWidth())
                    .linear(block + "1.EncDecAttention.v", width, sizes.visionWidth())
                    .linear(block + "1.EncDecAttention.o", width, width)
                    .scale(block + "1.layer_norm", width)
                    .linear(block + "2.DenseReluDense.wi", 3 * width, width)
                    .linear(block + "2.DenseReluDense.wo", width, 3 * width)
                    .scale(block + "2.layer_norm", width);
        }
        stack.scale("cformer.cformer.final_layer_norm", width);
        StateDict dict = new StateDict(false)
                .normal("cformer.causal_tokens", 1, 1, sizes.pictures().visualTokens(), width);
        dict.addAll(stack);
        return dict.linearWithBias("cformer.projection", sizes.hidden(), width);
    }

    private StateDict llama() {
        String prefix = instruct ? "decoder.lm.base_model.model." : "decoder.lm.";
        int hidden = sizes.hidden();
        StateDict dict = new StateDict(true).normal(prefix + "model.embed_tokens.weight", 1, embeddings, hidden);
        for (int i = 0; i < sizes.layers(); i++) {
            String layer = prefix + "model.layers." + i + ".";
            for (String projection : new String[] {"q_proj", "k_proj", "v_proj", "o_proj"}) {
                dict.linear(layer + "self_attn." + projection, hidden, hidden);
                if (instruct) {
                    dict.addAll(adapter(layer + "self_attn." + projection, hidden));
                }
            }
            dict.linear(layer + "mlp.gate_proj", sizes.intermediate(), hidden)
                    .linear(layer + "mlp.up_proj", sizes.intermediate(), hidden)
                    .linear(layer + "mlp.down_proj", hidden, sizes.intermediate())
                    .scale(layer + "input_layernorm", hidden)
                    .scale(layer + "post_attention_layernorm", hidden);
        }
        // Logits a few apart, so that the next token is decided well above rounding.
        return dict.scale(prefix + "model.norm", hidden)
                .linear(prefix + "lm_head", embeddings, hidden, 3)
                .linear(prefix + "stu_regress_head", hidden, hidden);
    }

    private static StateDict adapter(String projection, int hidden) {
        return new StateDict(false)
                .linear(projection + ".lora_A.default", LORA_RANK, hidden)
                .linear(projection + ".lora_B.default", hidden, LORA_RANK, 0.2);
    }
}
