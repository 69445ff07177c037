package io.dromaius.model.diffusion;

import io.dromaius.model.spec.UNetSpec;
import io.dromaius.model.weights.WeightShapes;

/** Names and shapes of a UNet's tensors, as diffusers stores them. */
public final class UNetWeights {
    private final UNetSpec spec;
    private final WeightShapes shapes = new WeightShapes();

    private UNetWeights(UNetSpec spec) {
        this.spec = spec;
    }

    public static WeightShapes of(UNetSpec spec) {
        return new UNetWeights(spec).shapes();
    }

    private WeightShapes shapes() {
        int first = spec.widths().get(0);
        int last = spec.widths().get(spec.widths().size() - 1);
        shapes.conv("conv_in", first, spec.channels(), 3)
                .linear("time_embedding.linear_1", spec.timeWidth(), first)
                .linear("time_embedding.linear_2", spec.timeWidth(), spec.timeWidth());
        down();
        resnet("mid_block.resnets.0", last, last);
        transformer("mid_block.attentions.0", last);
        resnet("mid_block.resnets.1", last, last);
        up();
        return shapes.norm("conv_norm_out", first).conv("conv_out", spec.channels(), first, 3);
    }

    private void down() {
        int width = spec.widths().get(0);
        for (int i = 0; i < spec.widths().size(); i++) {
            String block = "down_blocks." + i;
            for (int j = 0; j < spec.layers(); j++) {
                resnet(block + ".resnets." + j, width, spec.widths().get(i));
                width = spec.widths().get(i);
                if (spec.attends().get(i)) {
                    transformer(block + ".attentions." + j, width);
                }
            }
            if (i + 1 < spec.widths().size()) {
                shapes.conv(block + ".downsamplers.0.conv", width, width, 3);
            }
        }
    }

    private void up() {
        int levels = spec.widths().size();
        int below = spec.widths().get(levels - 1);
        for (int i = 0; i < levels; i++) {
            int level = levels - 1 - i;
            int width = spec.widths().get(level);
            String block = "up_blocks." + i;
            for (int j = 0; j <= spec.layers(); j++) {
                // The last resnet is given what the block above left on its way down.
                int kept = j == spec.layers() ? spec.widths().get(Math.max(level - 1, 0)) : width;
                resnet(block + ".resnets." + j, (j == 0 ? below : width) + kept, width);
                if (spec.attends().get(level)) {
                    transformer(block + ".attentions." + j, width);
                }
            }
            if (level > 0) {
                shapes.conv(block + ".upsamplers.0.conv", width, width, 3);
            }
            below = width;
        }
    }

    private void resnet(String name, int in, int out) {
        Resnets.add(shapes, name, in, out);
        shapes.linear(name + ".time_emb_proj", out, spec.timeWidth());
    }

    private void transformer(String name, int width) {
        shapes.norm(name + ".norm", width);
        projection(name + ".proj_in", width);
        String block = name + ".transformer_blocks.0";
        attention(block + ".attn1", width, width);
        attention(block + ".attn2", width, spec.contextWidth());
        shapes.norm(block + ".norm1", width)
                .norm(block + ".norm2", width)
                .norm(block + ".norm3", width)
                .linear(block + ".ff.net.0.proj", 8L * width, width)
                .linear(block + ".ff.net.2", width, 4L * width);
        projection(name + ".proj_out", width);
    }

    private void projection(String name, int width) {
        if (spec.linearProjection()) {
            shapes.linear(name, width, width);
        } else {
            shapes.conv(name, width, width, 1);
        }
    }

    private void attention(String name, int width, int memory) {
        shapes.matrix(name + ".to_q", width, width)
                .matrix(name + ".to_k", width, memory)
                .matrix(name + ".to_v", width, memory)
                .linear(name + ".to_out.0", width, width);
    }
}
