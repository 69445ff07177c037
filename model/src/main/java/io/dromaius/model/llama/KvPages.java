package io.dromaius.model.llama;

import io.dromaius.model.spec.LlamaSpec;
import io.dromaius.model.torch.ScriptValue;
import io.dromaius.model.torch.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Keys and values of a stage's layers: for each layer and kind [heads, slots, width], slot = block * blockSize + offset.
 * Heads come first so that adjacent blocks are, for one head, one run of memory.
 */
final class KvPages implements AutoCloseable {
    private final List<Tensor> keys = new ArrayList<>();
    private final List<Tensor> values = new ArrayList<>();
    private final ScriptValue keyList;
    private final ScriptValue valueList;
    private final long bytes;

    KvPages(LlamaSpec spec, int layers, StageOptions options) {
        long slots = (long) options.blocks() * options.blockSize();
        for (int layer = 0; layer < layers; layer++) {
            for (List<Tensor> kind : List.of(keys, values)) {
                kind.add(Tensor.zeros(options.device(), options.kvDtype(), spec.heads(), slots, spec.headWidth()));
            }
        }
        this.bytes = 2L * layers * slots * spec.hidden() * options.kvDtype().bytes();
        this.keyList = ScriptValue.of(keys);
        this.valueList = ScriptValue.of(values);
    }

    ScriptValue keys() {
        return keyList;
    }

    ScriptValue values() {
        return valueList;
    }

    long bytes() {
        return bytes;
    }

    @Override
    public void close() {
        keyList.close();
        valueList.close();
        Stream.concat(keys.stream(), values.stream()).forEach(Tensor::close);
    }
}
