package io.dromaius.model.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dromaius.model.spec.VaeSpec;
import io.dromaius.model.torch.Device;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.Tensor;
import io.dromaius.model.weights.MadeWeights;
import io.dromaius.model.weights.NamedWeights;
import io.dromaius.model.weights.WeightShapes;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VaeWeightsTest {
    private static final VaeSpec SPEC = new VaeSpec(4, List.of(8, 16), 1, 4, 0.18215);

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void readsTheAttentionUnderItsFormerNamesToo(boolean former) {
        WeightShapes shapes = VaeWeights.of(SPEC);
        Map<String, List<Long>> stored = new TreeMap<>();
        shapes.asMap().forEach((name, shape) -> stored.put(former ? formerName(name) : name, shape));

        try (NamedWeights weights =
                NamedWeights.load(VaeWeights.renamed(new Zeros(stored)), shapes, Dtype.FP32, Device.CPU)) {
            assertThat(weights.dict()).isNotNull();
        }
        assertThat(stored.containsKey("decoder.mid_block.attentions.0.query.weight"))
                .isEqualTo(former);
    }

    @Test
    void namesATensorThatIsMissing() {
        Map<String, List<Long>> stored = new TreeMap<>(VaeWeights.of(SPEC).asMap());
        stored.remove("decoder.mid_block.attentions.0.to_q.bias");

        assertThatThrownBy(() -> NamedWeights.load(
                        VaeWeights.renamed(new Zeros(stored)), VaeWeights.of(SPEC), Dtype.FP32, Device.CPU))
                .hasMessageContaining("decoder.mid_block.attentions.0.to_q.bias");
    }

    private static String formerName(String name) {
        return name.replace(".to_q.", ".query.")
                .replace(".to_k.", ".key.")
                .replace(".to_v.", ".value.")
                .replace(".to_out.0.", ".proj_attn.");
    }

    /** Zeros of the shapes listed. */
    private record Zeros(Map<String, List<Long>> shapes) implements MadeWeights {
        @Override
        public Tensor make(String name, Dtype dtype, long[] shape) {
            return Tensor.zeros(Device.CPU, dtype, shape);
        }
    }
}
