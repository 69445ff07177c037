package io.dromaius.model.diffusion;

import io.dromaius.model.spec.VaeSpec;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.Tensor;
import io.dromaius.model.weights.WeightShapes;
import io.dromaius.model.weights.WeightSource;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Names and shapes of the tensors of an autoencoder's decoder, as diffusers stores them today. */
public final class VaeWeights {
    private VaeWeights() {}

    public static WeightShapes of(VaeSpec spec) {
        List<Integer> widths = spec.widths();
        int width = widths.get(widths.size() - 1);
        WeightShapes shapes = new WeightShapes()
                .conv("post_quant_conv", spec.latentChannels(), spec.latentChannels(), 1)
                .conv("decoder.conv_in", width, spec.latentChannels(), 3);
        Resnets.add(shapes, "decoder.mid_block.resnets.0", width, width);
        attention(shapes, "decoder.mid_block.attentions.0", width);
        Resnets.add(shapes, "decoder.mid_block.resnets.1", width, width);
        for (int i = 0; i < widths.size(); i++) {
            String block = "decoder.up_blocks." + i;
            int out = widths.get(widths.size() - 1 - i);
            for (int j = 0; j <= spec.layers(); j++) {
                Resnets.add(shapes, block + ".resnets." + j, width, out);
                width = out;
            }
            if (i + 1 < widths.size()) {
                shapes.conv(block + ".upsamplers.0.conv", width, width, 3);
            }
        }
        return shapes.norm("decoder.conv_norm_out", width).conv("decoder.conv_out", 3, width, 3);
    }

    /** The same tensors under today's names, if the source has them under those of diffusers before 0.18. */
    public static WeightSource renamed(WeightSource source) {
        return new Renamed(source);
    }

    private static void attention(WeightShapes shapes, String name, int width) {
        shapes.norm(name + ".group_norm", width)
                .linear(name + ".to_q", width, width)
                .linear(name + ".to_k", width, width)
                .linear(name + ".to_v", width, width)
                .linear(name + ".to_out.0", width, width);
    }

    private record Renamed(WeightSource source) implements WeightSource {
        private static final Map<String, String> FORMER = Map.of(
                ".to_q.", ".query.",
                ".to_k.", ".key.",
                ".to_v.", ".value.",
                ".to_out.0.", ".proj_attn.");

        @Override
        public Set<String> names() {
            return source.names();
        }

        @Override
        public List<Long> shape(String name) {
            return source.shape(stored(name));
        }

        @Override
        public Tensor tensor(String name, Dtype dtype) {
            return source.tensor(stored(name), dtype);
        }

        @Override
        public long mappedBytes() {
            return source.mappedBytes();
        }

        @Override
        public long copiedBytes() {
            return source.copiedBytes();
        }

        private String stored(String name) {
            if (source.names().contains(name)) {
                return name;
            }
            for (Map.Entry<String, String> entry : FORMER.entrySet()) {
                String former = name.replace(entry.getKey(), entry.getValue());
                if (source.names().contains(former)) {
                    return former;
                }
            }
            return name;
        }
    }
}
