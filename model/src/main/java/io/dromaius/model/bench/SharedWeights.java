package io.dromaius.model.bench;

import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.Tensor;
import io.dromaius.model.weights.WeightSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Hands out views of tensors that it reads once and keeps, so that a stage and a reader can run over the same bytes. */
final class SharedWeights implements WeightSource, AutoCloseable {
    private final WeightSource source;
    private final Map<String, Tensor> kept = new LinkedHashMap<>();

    SharedWeights(WeightSource source) {
        this.source = source;
    }

    Tensor kept(String name, Dtype dtype) {
        return kept.computeIfAbsent(name, absent -> source.tensor(name, dtype));
    }

    @Override
    public Set<String> names() {
        return source.names();
    }

    @Override
    public List<Long> shape(String name) {
        return source.shape(name);
    }

    @Override
    public Tensor tensor(String name, Dtype dtype) {
        return kept(name, dtype).rows(0, source.shape(name).get(0));
    }

    @Override
    public long mappedBytes() {
        return source.mappedBytes();
    }

    @Override
    public long copiedBytes() {
        return source.copiedBytes();
    }

    @Override
    public void close() {
        kept.values().forEach(Tensor::close);
    }
}
