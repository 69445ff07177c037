package io.dromaius.model.llama;

import io.dromaius.model.spec.LayerRange;
import io.dromaius.model.spec.LlamaSpec;
import io.dromaius.model.torch.Tensor;
import io.dromaius.model.weights.Checkpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The stages of a model one after another, in one process. */
final class Pipeline implements AutoCloseable {
    private final List<LlamaStage> stages = new ArrayList<>();

    /** @param ends end layer of each stage; the last is the number of layers */
    Pipeline(Checkpoint checkpoint, StageOptions options, int... ends) {
        LlamaSpec spec = checkpoint.spec().llama();
        int first = 0;
        for (int end : ends) {
            stages.add(new LlamaStage(spec, checkpoint.weights(), new LayerRange(first, end), options));
            first = end;
        }
    }

    LlamaStage first() {
        return stages.get(0);
    }

    LlamaStage last() {
        return stages.get(stages.size() - 1);
    }

    Tensor embedIds(int... ids) {
        return first().embed(List.of(new StageInput.Ids(ids)), Optional.empty());
    }

    /** The last layer's output of all rows. */
    Tensor forward(StageStep step, Tensor input) {
        Tensor x = stages.get(0).forward(step, input);
        for (LlamaStage stage : stages.subList(1, stages.size())) {
            try (Tensor previous = x) {
                x = stage.forward(step, previous);
            }
        }
        return x;
    }

    @Override
    public void close() {
        stages.forEach(LlamaStage::close);
    }
}
