package io.dromaius.model.tiny;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Tensors of the diffusion folders: UNet, VAE decoder and safety checker, by the names diffusers 0.15 saves. The VAE's encoder, which
 * nothing in Emu uses, is left out.
 */
final class DiffusionTensors {

    static final int GROUPS = 16;
    static final int LATENT_CHANNELS = 4;
    static final int CLIP_WIDTH = 32;
    static final int CLIP_INNER = 64;
    static final int CLIP_LAYERS = 2;
    static final int CLIP_PATCH = 32;
    static final int CLIP_PROJECTION = 24;
    static final int PICTURE = 224;

    private static final int CONCEPTS = 17;
    private static final int SPECIAL_CARE_CONCEPTS = 3;
    /** No cosine of random directions comes near, so nothing is flagged. */
    private static final double THRESHOLD = 0.98;

    private final List<Integer> channels;
    private final List<Integer> vaeChannels;
    private final int hidden;

    DiffusionTensors(TinySizes sizes) {
        this.channels = sizes.channels();
        this.vaeChannels = sizes.pictures().vaeChannels();
        this.hidden = sizes.hidden();
    }

    StateDict unet() {
        int first = channels.get(0);
        int time = 4 * first;
        StateDict dict = new StateDict(false)
                .convolution("conv_in", first, LATENT_CHANNELS, 3)
                .linearWithBias("time_embedding.linear_1", time, first)
                .linearWithBias("time_embedding.linear_2", time, time);
        for (int i = 0; i < channels.size(); i++) {
            addDownBlock(dict, i, time);
        }
        int last = channels.get(channels.size() - 1);
        addResnet(dict, "mid_block.resnets.0", last, last, time);
        addAttention(dict, "mid_block.attentions.0", last);
        addResnet(dict, "mid_block.resnets.1", last, last, time);
        List<Integer> upward = reversed(channels);
        for (int i = 0; i < upward.size(); i++) {
            addUpBlock(dict, upward, i, time);
        }
        return dict.norm("conv_norm_out", first).convolution("conv_out", LATENT_CHANNELS, first, 3);
    }

    private void addDownBlock(StateDict dict, int i, int time) {
        String block = "down_blocks." + i + ".";
        int in = channels.get(Math.max(0, i - 1));
        int out = channels.get(i);
        boolean last = i == channels.size() - 1;
        for (int j = 0; j < 2; j++) {
            addResnet(dict, block + "resnets." + j, j == 0 ? in : out, out, time);
            if (!last) {
                addAttention(dict, block + "attentions." + j, out);
            }
        }
        if (!last) {
            dict.convolution(block + "downsamplers.0.conv", out, out, 3);
        }
    }

    private void addUpBlock(StateDict dict, List<Integer> upward, int i, int time) {
        String block = "up_blocks." + i + ".";
        int below = upward.get(Math.max(0, i - 1));
        int out = upward.get(i);
        int above = upward.get(Math.min(i + 1, upward.size() - 1));
        for (int j = 0; j < 3; j++) {
            // Each resnet reads the one before it and the skip connection from the way down.
            int in = (j == 0 ? below : out) + (j == 2 ? above : out);
            addResnet(dict, block + "resnets." + j, in, out, time);
            if (i > 0) {
                addAttention(dict, block + "attentions." + j, out);
            }
        }
        if (i < upward.size() - 1) {
            dict.convolution(block + "upsamplers.0.conv", out, out, 3);
        }
    }

    private static void addResnet(StateDict dict, String name, int in, int out, int time) {
        dict.norm(name + ".norm1", in)
                .convolution(name + ".conv1", out, in, 3)
                .linearWithBias(name + ".time_emb_proj", out, time)
                .norm(name + ".norm2", out)
                .convolution(name + ".conv2", out, out, 3);
        addShortcut(dict, name, in, out);
    }

    private static void addShortcut(StateDict dict, String name, int in, int out) {
        if (in != out) {
            dict.convolution(name + ".conv_shortcut", out, in, 1);
        }
    }

    private void addAttention(StateDict dict, String name, int width) {
        String block = name + ".transformer_blocks.0.";
        dict.norm(name + ".norm", width).convolution(name + ".proj_in", width, width, 1);
        for (int i = 1; i <= 2; i++) {
            int keys = i == 1 ? width : hidden;
            String attention = block + "attn" + i + ".";
            dict.norm(block + "norm" + i, width)
                    .linear(attention + "to_q", width, width)
                    .linear(attention + "to_k", width, keys)
                    .linear(attention + "to_v", width, keys)
                    .linearWithBias(attention + "to_out.0", width, width);
        }
        dict.norm(block + "norm3", width)
                .linearWithBias(block + "ff.net.0.proj", 8 * width, width)
                .linearWithBias(block + "ff.net.2", width, 4 * width)
                .convolution(name + ".proj_out", width, width, 1);
    }

    StateDict vae() {
        List<Integer> upward = reversed(vaeChannels);
        int widest = upward.get(0);
        StateDict dict = new StateDict(false)
                .convolution("post_quant_conv", LATENT_CHANNELS, LATENT_CHANNELS, 1)
                .convolution("decoder.conv_in", widest, LATENT_CHANNELS, 3);
        addVaeResnet(dict, "decoder.mid_block.resnets.0", widest, widest);
        dict.norm("decoder.mid_block.attentions.0.group_norm", widest);
        for (String projection : new String[] {"query", "key", "value", "proj_attn"}) {
            dict.linearWithBias("decoder.mid_block.attentions.0." + projection, widest, widest);
        }
        addVaeResnet(dict, "decoder.mid_block.resnets.1", widest, widest);
        int in = widest;
        for (int i = 0; i < upward.size(); i++) {
            String block = "decoder.up_blocks." + i + ".";
            int out = upward.get(i);
            for (int j = 0; j < 3; j++) {
                addVaeResnet(dict, block + "resnets." + j, j == 0 ? in : out, out);
            }
            if (i < upward.size() - 1) {
                dict.convolution(block + "upsamplers.0.conv", out, out, 3);
            }
            in = out;
        }
        return dict.norm("decoder.conv_norm_out", in).convolution("decoder.conv_out", 3, in, 3);
    }

    private static void addVaeResnet(StateDict dict, String name, int in, int out) {
        dict.norm(name + ".norm1", in)
                .convolution(name + ".conv1", out, in, 3)
                .norm(name + ".norm2", out)
                .convolution(name + ".conv2", out, out, 3);
        addShortcut(dict, name, in, out);
    }

    static StateDict safetyChecker() {
        String model = "vision_model.vision_model.";
        int positions = (PICTURE / CLIP_PATCH) * (PICTURE / CLIP_PATCH) + 1;
        StateDict dict = new StateDict(false)
                .normal("concept_embeds", 1, CONCEPTS, CLIP_PROJECTION)
                .normal("special_care_embeds", 1, SPECIAL_CARE_CONCEPTS, CLIP_PROJECTION)
                .constant("concept_embeds_weights", THRESHOLD, CONCEPTS)
                .constant("special_care_embeds_weights", THRESHOLD, SPECIAL_CARE_CONCEPTS)
                .normal(model + "embeddings.class_embedding", 0.5, CLIP_WIDTH)
                .normal(
                        model + "embeddings.patch_embedding.weight",
                        1 / Math.sqrt(3.0 * CLIP_PATCH * CLIP_PATCH),
                        CLIP_WIDTH,
                        3,
                        CLIP_PATCH,
                        CLIP_PATCH)
                .normal(model + "embeddings.position_embedding.weight", 0.5, positions, CLIP_WIDTH)
                .norm(model + "pre_layrnorm", CLIP_WIDTH);
        for (int i = 0; i < CLIP_LAYERS; i++) {
            String layer = model + "encoder.layers." + i + ".";
            for (String projection : new String[] {"k_proj", "v_proj", "q_proj", "out_proj"}) {
                dict.linearWithBias(layer + "self_attn." + projection, CLIP_WIDTH, CLIP_WIDTH);
            }
            dict.norm(layer + "layer_norm1", CLIP_WIDTH)
                    .linearWithBias(layer + "mlp.fc1", CLIP_INNER, CLIP_WIDTH)
                    .linearWithBias(layer + "mlp.fc2", CLIP_WIDTH, CLIP_INNER)
                    .norm(layer + "layer_norm2", CLIP_WIDTH);
        }
        return dict.norm(model + "post_layernorm", CLIP_WIDTH).linear("visual_projection", CLIP_PROJECTION, CLIP_WIDTH);
    }

    private static List<Integer> reversed(List<Integer> list) {
        List<Integer> reversed = new ArrayList<>(list);
        Collections.reverse(reversed);
        return reversed;
    }
}
