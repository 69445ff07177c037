package io.dromaius.model.spec;

import java.nio.file.Path;
import java.util.List;

/**
 * Sizes of an autoencoder's decoder.
 *
 * @param latentChannels channels of the latents
 * @param widths channels at each resolution, from the full one down
 * @param layers resnets of a block of the encoder; the decoder's have one more
 * @param scaling what the encoder multiplied its latents by
 */
public record VaeSpec(int latentChannels, List<Integer> widths, int layers, int groups, double scaling) {
    public VaeSpec {
        widths = List.copyOf(widths);
        if (widths.isEmpty() || !(scaling > 0)) {
            throw new IllegalArgumentException("autoencoder of widths " + widths + ", scaling " + scaling);
        }
    }

    /**
     * Reads a diffusers {@code config.json}.
     *
     * @throws CheckpointException if it describes a network that this one is not
     */
    public static VaeSpec read(Path file) {
        ComponentConfig config = ComponentConfig.read(file);
        config.require("act_fn", "silu");
        config.require("out_channels", 3);
        List<String> blocks = config.texts("up_block_types");
        List<Integer> widths = config.integers("block_out_channels");
        if (!blocks.stream().allMatch("UpDecoderBlock2D"::equals)) {
            throw config.refused("unsupported blocks: " + blocks);
        }
        return config.describe(() -> new VaeSpec(
                config.integer("latent_channels", 4),
                widths,
                config.integer("layers_per_block", 1),
                config.integer("norm_num_groups", 32),
                config.number("scaling_factor", 0.18215)));
    }

    /** Pixels of a picture's side for one of the latents'. */
    public int factor() {
        return 1 << (widths.size() - 1);
    }
}
