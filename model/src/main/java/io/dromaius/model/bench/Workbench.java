package io.dromaius.model.bench;

import io.dromaius.model.spec.LlamaSpec;
import io.dromaius.model.torch.Device;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.ScriptModule;
import io.dromaius.model.torch.Tensor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.IntStream;

/** What is measured with no stage around it: the script of the benches and the tensors that it works on, freed together. */
final class Workbench implements AutoCloseable {
    private final ScriptModule script = ScriptModule.load("bench", "Bench");
    private final List<Tensor> owned = new ArrayList<>();

    ScriptModule script() {
        return script;
    }

    /** Zeros in float32. */
    Tensor tensor(long... shape) {
        Tensor tensor = Tensor.zeros(Device.CPU, Dtype.FP32, shape);
        owned.add(tensor);
        return tensor;
    }

    /** Keys, or values, of each layer: [heads, slots, width]. */
    List<Tensor> pages(LlamaSpec spec, int slots) {
        return IntStream.range(0, spec.layers())
                .mapToObj(layer -> tensor(spec.heads(), slots, spec.headWidth()))
                .toList();
    }

    /** Frees these too when it is closed. */
    void own(Collection<Tensor> tensors) {
        owned.addAll(tensors);
    }

    @Override
    public void close() {
        owned.forEach(Tensor::close);
        script.close();
    }
}
