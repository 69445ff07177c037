package io.dromaius.model.llama;

import io.dromaius.model.torch.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * What the heads of a step found. Owns the vectors.
 *
 * @param texts one for each text row, in order
 * @param vectors visual embeddings of the regress rows, in order: [n, hidden], CPU, in the stage's dtype; empty if there are none
 */
public record HeadResults(List<TextResult> texts, Optional<Tensor> vectors) implements AutoCloseable {
    public HeadResults {
        texts = List.copyOf(texts);
    }

    @Override
    public void close() {
        vectors.ifPresent(Tensor::close);
    }
}
