package io.dromaius.cli.conformance;

import io.dromaius.model.llama.LlamaStage;
import io.dromaius.model.llama.SequenceRows;
import io.dromaius.model.llama.StageInput;
import io.dromaius.model.llama.StageOptions;
import io.dromaius.model.llama.StageStep;
import io.dromaius.model.spec.LayerRange;
import io.dromaius.model.spec.LlamaSpec;
import io.dromaius.model.text.EmuTokenizer;
import io.dromaius.model.torch.Device;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.Tensor;
import io.dromaius.model.vision.VisualEncoder;
import io.dromaius.model.weights.Checkpoint;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** One checkpoint of a set inside this process, in float32: tokenizer, visual encoder and the language model in one piece. */
final class LocalModel implements AutoCloseable {
    private static final int BLOCK_SIZE = 16;

    private final GoldenSet set;
    private final Checkpoint checkpoint;
    private final EmuTokenizer tokenizer;
    private final VisualEncoder encoder;
    private final LlamaStage stage;

    LocalModel(GoldenSet set, Model model) throws IOException {
        this.set = set;
        this.checkpoint = Checkpoint.open(set.checkpoint(model));
        this.tokenizer = EmuTokenizer.open(checkpoint.tokenizer(), model == Model.INSTRUCT);
        this.encoder = VisualEncoder.load(checkpoint, Dtype.FP32, Device.CPU);
        this.stage = stage(spec().allLayers());
    }

    LlamaSpec spec() {
        return checkpoint.spec().llama();
    }

    Checkpoint checkpoint() {
        return checkpoint;
    }

    EmuTokenizer tokenizer() {
        return tokenizer;
    }

    LlamaStage stage() {
        return stage;
    }

    /** Some of the layers, with a cache of their own; the caller closes it. */
    LlamaStage stage(LayerRange range) {
        int blocks = (spec().maxPositions() + BLOCK_SIZE - 1) / BLOCK_SIZE;
        return new LlamaStage(
                spec(), checkpoint.weights(), range, new StageOptions(Dtype.FP32, Device.CPU, blocks, BLOCK_SIZE));
    }

    /** Input embeddings of an assembled prompt: [ids, hidden], pictures in the places of their tokens. */
    Tensor embed(int[] ids, List<String> images) throws IOException {
        if (images.isEmpty()) {
            return stage.embed(runs(ids), Optional.empty());
        }
        try (Tensor pictures = encoder.encode(new Inputs(set).pictures(images));
                Tensor vectors = Tensor.of(pictures.floats(), pictures.size(0) * pictures.size(1), spec().hidden())) {
            return stage.embed(runs(ids), Optional.of(vectors));
        }
    }

    /** Runs of ids, and of slots that a picture's embeddings take. */
    private List<StageInput> runs(int[] ids) {
        int slot = tokenizer.specials().image();
        List<StageInput> runs = new ArrayList<>();
        int from = 0;
        while (from < ids.length) {
            int end = from;
            while (end < ids.length && (ids[end] == slot) == (ids[from] == slot)) {
                end++;
            }
            runs.add(
                    ids[from] == slot
                            ? new StageInput.Vectors(end - from)
                            : new StageInput.Ids(java.util.Arrays.copyOfRange(ids, from, end)));
            from = end;
        }
        return runs;
    }

    /** Rows [start, start + length) of the only sequence. */
    static StageStep step(int start, int length) {
        int blocks = (start + length + BLOCK_SIZE - 1) / BLOCK_SIZE;
        return new StageStep(
                List.of(),
                List.of(new SequenceRows(
                        start, length, IntStream.range(0, blocks).toArray())));
    }

    @Override
    public void close() {
        stage.close();
        encoder.close();
        tokenizer.close();
    }
}
