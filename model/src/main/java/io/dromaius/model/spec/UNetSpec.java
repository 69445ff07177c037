package io.dromaius.model.spec;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/**
 * Sizes of a UNet.
 *
 * @param sampleHeight height of the latents it was trained on
 * @param channels of the latents
 * @param widths channels at each resolution, from the full one down
 * @param attends whether the blocks of a resolution attend to the context, on the way down
 * @param heads attention heads at each resolution
 * @param layers resnets of a block on the way down; one more on the way up
 * @param contextWidth width of what it attends to
 * @param linearProjection the projections around its transformers are stored as matrices, not as convolutions
 */
public record UNetSpec(
        int sampleHeight,
        int sampleWidth,
        int channels,
        List<Integer> widths,
        List<Boolean> attends,
        List<Integer> heads,
        int layers,
        int groups,
        double normEps,
        int contextWidth,
        boolean linearProjection,
        boolean cosFirst,
        int frequencyShift) {
    private static final String ATTENDING_BLOCK = "CrossAttnDownBlock2D";
    private static final Set<String> KNOWN_BLOCKS = Set.of(ATTENDING_BLOCK, "DownBlock2D");

    public UNetSpec {
        widths = List.copyOf(widths);
        attends = List.copyOf(attends);
        heads = List.copyOf(heads);
        if (widths.isEmpty() || attends.size() != widths.size() || heads.size() != widths.size()) {
            throw new IllegalArgumentException("blocks disagree: " + widths + ", " + attends + ", " + heads);
        }
    }

    /**
     * Reads a diffusers {@code config.json}.
     *
     * @throws CheckpointException if it describes a network that this one is not
     */
    public static UNetSpec read(Path file) {
        ComponentConfig config = ComponentConfig.read(file);
        refuseVariants(config);
        List<String> down = config.texts("down_block_types");
        List<String> up = config.texts("up_block_types");
        List<String> mirror = new ArrayList<>(up);
        Collections.reverse(mirror);
        mirror.replaceAll(type -> type.replace("UpBlock2D", "DownBlock2D"));
        if (!mirror.equals(down) || !KNOWN_BLOCKS.containsAll(down)) {
            throw config.refused("unsupported blocks: down " + down + ", up " + up);
        }
        List<Integer> sample = config.integers("sample_size", 2, 64);
        // What diffusers calls attention_head_dim is the number of heads: its name is wrong, and kept for old files.
        String headKey = config.has("num_attention_heads") ? "num_attention_heads" : "attention_head_dim";
        return config.describe(() -> new UNetSpec(
                sample.get(0),
                sample.get(1),
                config.integer("in_channels", 4),
                config.integers("block_out_channels"),
                down.stream().map(ATTENDING_BLOCK::equals).toList(),
                config.integers(headKey, down.size(), 8),
                config.integer("layers_per_block", 2),
                config.integer("norm_num_groups", 32),
                config.number("norm_eps", 1e-5),
                config.integer("cross_attention_dim", 1280),
                config.flag("use_linear_projection", false),
                config.flag("flip_sin_to_cos", true),
                config.integer("freq_shift", 0)));
    }

    /** Width of the time embedding. */
    public int timeWidth() {
        return 4 * widths.get(0);
    }

    private static void refuseVariants(ComponentConfig config) {
        config.require("act_fn", "silu");
        config.require("mid_block_type", "UNetMidBlock2DCrossAttn");
        config.require("resnet_time_scale_shift", "default");
        config.require("time_embedding_type", "positional");
        config.require("mid_block_scale_factor", 1);
        config.require("resnet_out_scale_factor", 1);
        config.require("downsample_padding", 1);
        config.require("conv_in_kernel", 3);
        config.require("conv_out_kernel", 3);
        config.require("transformer_layers_per_block", 1);
        for (String flag : List.of(
                "center_input_sample",
                "dual_cross_attention",
                "only_cross_attention",
                "mid_block_only_cross_attention",
                "resnet_skip_time_act",
                "class_embeddings_concat")) {
            config.require(flag, "false");
        }
        for (String option : List.of(
                "class_embed_type",
                "num_class_embeds",
                "encoder_hid_dim",
                "cross_attention_norm",
                "addition_embed_type",
                "time_cond_proj_dim",
                "time_embedding_act_fn",
                "timestep_post_act")) {
            config.require(option, "null");
        }
        if (config.integer("out_channels", 4) != config.integer("in_channels", 4)) {
            throw config.refused("in_channels and out_channels differ");
        }
    }
}
