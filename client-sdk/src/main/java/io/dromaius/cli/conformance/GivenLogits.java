package io.dromaius.cli.conformance;

import io.dromaius.model.llama.HeadResults;
import io.dromaius.model.llama.HeadRow;
import io.dromaius.model.llama.LlamaStage;
import io.dromaius.model.llama.StageOptions;
import io.dromaius.model.llama.TextHead;
import io.dromaius.model.llama.TextResult;
import io.dromaius.model.spec.LayerRange;
import io.dromaius.model.spec.LlamaSpec;
import io.dromaius.model.torch.Device;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.Tensor;
import io.dromaius.model.weights.LlamaWeights;
import io.dromaius.model.weights.MadeWeights;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A last stage whose lm_head gives back the row that is put in, so that its processors can be checked on given logits: the
 * final norm is undone by its weight, and the projection is the identity.
 */
final class GivenLogits implements AutoCloseable {
    private final float[] logits;
    private final LlamaSpec spec;
    private final LlamaStage stage;

    GivenLogits(float[] logits) {
        // Heads have an even width.
        int hidden = logits.length + logits.length % 2;
        this.logits = Arrays.copyOf(logits, hidden);
        this.spec = new LlamaSpec(1, hidden, 1, 1, logits.length, 1e-30, 10000, 16);
        this.stage = new LlamaStage(
                spec, new Identity(), new LayerRange(0, 1), new StageOptions(Dtype.FP32, Device.CPU, 1, 16));
    }

    TextResult read(TextHead head) {
        try (Tensor row = Tensor.of(logits, 1, spec.hidden());
                HeadResults results = stage.heads(row, List.of(new HeadRow.Text(0, head)))) {
            return results.texts().get(0);
        }
    }

    @Override
    public void close() {
        stage.close();
    }

    private final class Identity implements MadeWeights {
        private final Map<String, List<Long>> shapes = new HashMap<>();

        Identity() {
            long d = spec.hidden();
            List<String> layer = LlamaWeights.layer(0);
            long[][] ofLayer = {{d}, {d, d}, {d, d}, {d, d}, {d, d}, {d}, {1, d}, {1, d}, {d, 1}};
            for (int i = 0; i < ofLayer.length; i++) {
                shapes.put(layer.get(i), Arrays.stream(ofLayer[i]).boxed().toList());
            }
            shapes.put(LlamaWeights.EMBEDDING, List.of((long) spec.vocabulary(), d));
            shapes.put(LlamaWeights.LM_HEAD, List.of((long) spec.vocabulary(), d));
            shapes.put(LlamaWeights.REGRESS_HEAD, List.of(d, d));
            shapes.put(LlamaWeights.FINAL_NORM, List.of(d));
        }

        @Override
        public Map<String, List<Long>> shapes() {
            return shapes;
        }

        @Override
        public Tensor make(String name, Dtype dtype, long[] shape) {
            float[] values = new float[Math.toIntExact(Arrays.stream(shape).reduce(1, (a, b) -> a * b))];
            if (name.equals(LlamaWeights.FINAL_NORM)) {
                Arrays.fill(values, rootMeanSquare());
            } else if (name.equals(LlamaWeights.LM_HEAD)) {
                for (int i = 0; i < spec.vocabulary(); i++) {
                    values[i * spec.hidden() + i] = 1;
                }
            }
            return Tensor.of(values, shape);
        }

        private float rootMeanSquare() {
            double sum = 0;
            for (float value : logits) {
                sum += (double) value * value;
            }
            return (float) Math.sqrt(sum / logits.length);
        }
    }
}
