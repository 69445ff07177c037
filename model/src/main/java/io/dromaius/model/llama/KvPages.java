package io.dromaius.model.llama;

import io.dromaius.model.spec.LlamaSpec;
import io.dromaius.model.torch.ScriptValue;
import io.dromaius.model.torch.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Keys and values of a stage's layers: for each layer and kind [heads, slots, width], slot = block * blockSize + offset.
 * Heads come first so that adjacent blocks are, for one head, one run of memory.
 */
final class KvPages implements AutoCloseable {
    private final LlamaSpec spec;
    private final int layers;
    private StageOptions options;
    private Owned owned = new Owned();
    private ScriptValue keys;
    private ScriptValue values;

    KvPages(LlamaSpec spec, int layers, StageOptions options) {
        this.spec = spec;
        this.layers = layers;
        this.options = options;
        this.keys = allocate();
        this.values = allocate();
    }

    /** Other blocks in place of these, whose content is gone. The old ones are freed first: both might not fit. */
    void renew(StageOptions other) {
        owned.close();
        options = other;
        owned = new Owned();
        keys = allocate();
        values = allocate();
    }

    /** @throws IllegalArgumentException if a sequence reads or writes what is not there */
    void check(SequenceRows sequence) {
        if ((long) sequence.blocks().length * blockSize() < sequence.end()) {
            throw new IllegalArgumentException(sequence.blocks().length + " blocks of " + blockSize() + " do not hold "
                    + sequence.end() + " positions");
        }
        for (int block : sequence.blocks()) {
            if (block < 0 || block >= blocks()) {
                throw new IllegalArgumentException("block " + block + " of " + blocks());
            }
        }
    }

    private ScriptValue allocate() {
        List<Tensor> tensors = new ArrayList<>();
        for (int layer = 0; layer < layers; layer++) {
            tensors.add(owned.add(
                    Tensor.zeros(options.device(), options.kvDtype(), spec.heads(), slots(), spec.headWidth())));
        }
        return owned.add(ScriptValue.of(tensors));
    }

    private long slots() {
        return (long) options.blocks() * options.blockSize();
    }

    ScriptValue keys() {
        return keys;
    }

    ScriptValue values() {
        return values;
    }

    int blocks() {
        return options.blocks();
    }

    int blockSize() {
        return options.blockSize();
    }

    int layers() {
        return layers;
    }

    /** Of a block in one layer. */
    long layerBlockBytes() {
        return 2L * options.blockSize() * spec.hidden() * options.kvDtype().bytes();
    }

    long bytes() {
        return layerBlockBytes() * options.blocks() * layers;
    }

    @Override
    public void close() {
        owned.close();
    }
}
