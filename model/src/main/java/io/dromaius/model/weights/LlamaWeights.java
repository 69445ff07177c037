package io.dromaius.model.weights;

import io.dromaius.model.spec.LayerRange;
import io.dromaius.model.spec.LlamaSpec;
import java.util.ArrayList;
import java.util.List;

/** Names of the language model's tensors in a checkpoint. */
public final class LlamaWeights {
    /** [vocabulary, hidden] */
    public static final String EMBEDDING = "decoder.lm.model.embed_tokens.weight";
    /** [hidden] */
    public static final String FINAL_NORM = "decoder.lm.model.norm.weight";
    /** [vocabulary, hidden] */
    public static final String LM_HEAD = "decoder.lm.lm_head.weight";
    /** [hidden, hidden] */
    public static final String REGRESS_HEAD = "decoder.lm.stu_regress_head.weight";

    /** Tensors of one layer, in the order in which {@code llama.py} takes them. */
    private static final List<String> LAYER = List.of(
            "input_layernorm.weight",
            "self_attn.q_proj.weight",
            "self_attn.k_proj.weight",
            "self_attn.v_proj.weight",
            "self_attn.o_proj.weight",
            "post_attention_layernorm.weight",
            "mlp.gate_proj.weight",
            "mlp.up_proj.weight",
            "mlp.down_proj.weight");

    private LlamaWeights() {}

    public static List<String> layer(int layer) {
        return LAYER.stream()
                .map(name -> "decoder.lm.model.layers." + layer + "." + name)
                .toList();
    }

    /** Shapes of one layer's tensors, in the same order. */
    public static List<List<Long>> layerShapes(LlamaSpec spec) {
        long d = spec.hidden();
        long ff = spec.intermediate();
        return List.of(
                List.of(d),
                List.of(d, d),
                List.of(d, d),
                List.of(d, d),
                List.of(d, d),
                List.of(d),
                List.of(ff, d),
                List.of(ff, d),
                List.of(d, ff));
    }

    /** Everything a stage of these layers reads. */
    public static List<String> stage(LayerRange range, LlamaSpec spec) {
        List<String> names = new ArrayList<>();
        if (range.hasEmbedding()) {
            names.add(EMBEDDING);
        }
        for (int layer = range.first(); layer < range.end(); layer++) {
            names.addAll(layer(layer));
        }
        if (range.hasHeads(spec)) {
            names.addAll(List.of(FINAL_NORM, LM_HEAD, REGRESS_HEAD));
        }
        return names;
    }
}
