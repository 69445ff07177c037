package io.dromaius.model.llama;

import io.dromaius.model.spec.LayerRange;
import io.dromaius.model.spec.LlamaSpec;
import io.dromaius.model.torch.Device;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.ScriptModule;
import io.dromaius.model.torch.ScriptValue;
import io.dromaius.model.torch.Tensor;
import io.dromaius.model.weights.LlamaWeights;
import io.dromaius.model.weights.WeightSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A contiguous range of LLaMA layers with their key-value pages; the first range also embeds, the last also has the heads.
 * Tensors in and out are [rows, hidden] on the CPU in the stage's dtype; those given stay the caller's, those returned
 * become the caller's. Not thread-safe: one compute thread per process. Math is in {@code llama.py} and {@code heads.py}.
 */
public final class LlamaStage implements AutoCloseable {
    /** Rows of a prompt that are computed together, on the CPU; a step should end with whole ones. See {@link RowTiles}. */
    public static final int TILE = 64;

    private final LlamaSpec spec;
    private final StageOptions options;
    private final RowTiles cut;
    private final ScriptModule script;
    private final Owned owned = new Owned();
    private final ScriptValue layers;
    private final KvPages pages;
    private PackedPrefixes prefixes;
    private final Optional<Tensor> embedding;
    private final Optional<LlamaHeads> heads;
    private final long mappedBytes;
    private final long copiedBytes;

    /**
     * Loads the layers; no other tensor of the source is opened.
     *
     * @throws io.dromaius.model.spec.CheckpointException naming file and tensor
     * @throws NotInvariantException if the stage is to be batch invariant and cannot be here
     */
    public LlamaStage(LlamaSpec spec, WeightSource source, LayerRange range, StageOptions options) {
        if (range.end() > spec.layers()) {
            throw new IllegalArgumentException(range + " of " + spec.layers() + " layers");
        }
        this.spec = spec;
        this.options = options;
        this.cut = RowTiles.of(options);
        long mappedBefore = source.mappedBytes();
        long copiedBefore = source.copiedBytes();
        StageWeights weights = new StageWeights(source, options);
        try {
            this.embedding = range.hasEmbedding()
                    ? Optional.of(own(weights.read(LlamaWeights.EMBEDDING, spec.vocabulary(), spec.hidden())))
                    : Optional.empty();
            this.layers = own(readLayers(weights, range));
            this.heads =
                    range.hasHeads(spec) ? Optional.of(own(new LlamaHeads(spec, source, options))) : Optional.empty();
            this.pages = own(new KvPages(spec, range.count(), options));
            this.script = own(ScriptModule.load(
                    "llama",
                    "Stage",
                    Map.of(
                            "heads", spec.heads(),
                            "eps", spec.normEps(),
                            "theta", spec.ropeTheta(),
                            "filled", weights.filled())));
        } catch (RuntimeException e) {
            owned.close();
            throw e;
        }
        this.prefixes = new PackedPrefixes(options.packing(), pages, script);
        this.mappedBytes = source.mappedBytes() - mappedBefore;
        this.copiedBytes = source.copiedBytes() - copiedBefore;
    }

    /**
     * Input rows of the first stage.
     *
     * @param vectors rows of all {@link StageInput.Vectors} together, [n, hidden], any float dtype; empty if there are none
     */
    public Tensor embed(List<StageInput> inputs, Optional<Tensor> vectors) {
        Tensor table = embedding.orElseThrow(() -> new IllegalStateException("not the first stage"));
        int rows = inputs.stream().mapToInt(StageInput::rows).sum();
        long[] ids = new long[rows];
        List<Long> places = new ArrayList<>();
        int row = 0;
        for (StageInput input : inputs) {
            for (int i = 0; i < input.rows(); i++, row++) {
                if (input instanceof StageInput.Ids run) {
                    ids[row] = checkedId(run.ids()[i]);
                } else {
                    places.add((long) row);
                }
            }
        }
        if (places.size() != vectors.map(tensor -> tensor.size(0)).orElse(0L)) {
            throw new IllegalArgumentException(places.size() + " rows of vectors, given " + vectors);
        }
        try (Tensor idTensor = index(ids);
                Tensor placeTensor =
                        index(places.stream().mapToLong(Long::longValue).toArray());
                Tensor none = Tensor.zeros(options.device(), options.dtype(), 0, spec.hidden());
                Tensor given = onDevice(vectors.orElse(none));
                Tensor hidden = script.tensor("embed", table, idTensor, given, placeTensor)) {
            return hidden.to(Device.CPU, options.dtype());
        }
    }

    /** Runs the layers over the rows of a step and keeps their keys and values. */
    public Tensor forward(StageStep step, Tensor hidden) {
        if (hidden.size(0) != step.rows() || hidden.size(1) != spec.hidden()) {
            throw new IllegalArgumentException("hidden states " + hidden + " for " + step.rows() + " rows");
        }
        step.sequences().forEach(pages::check);
        StageStep tiles = cut.cut(step);
        PackedPrefixes.Prepared packed = prefixes.prepare(tiles);
        AttentionPlan plan = new AttentionPlan(tiles.sequences(), pages.blockSize(), packed.reads(), cut);
        copyBlocks(step.copies());
        try (Tensor positions = index(plan.positions());
                Tensor slots = index(plan.slots());
                Tensor input = onDevice(hidden);
                Tensor output = script.tensor(
                        "forward",
                        input,
                        layers,
                        pages.keys(),
                        pages.values(),
                        positions,
                        slots,
                        plan.reads(),
                        plan.prefixes(),
                        packed.tensors(),
                        plan.runs(),
                        plan.chunks())) {
            return output.to(Device.CPU, options.dtype());
        }
    }

    /** Reads rows of the last stage's output. */
    public HeadResults heads(Tensor hidden, List<HeadRow> rows) {
        for (HeadRow row : rows) {
            if (row.row() < 0 || row.row() >= hidden.size(0)) {
                throw new IllegalArgumentException("head of row " + row.row() + " of " + hidden.size(0));
            }
        }
        LlamaHeads present = heads.orElseThrow(() -> new IllegalStateException("not the last stage"));
        try (Tensor input = onDevice(hidden)) {
            return present.read(input, rows);
        }
    }

    /** Other KV blocks in place of those there are, whose content is gone. The weights stay. */
    public void renewPages(int blocks, int blockSize, PrefixPacking packing) {
        StageOptions other = new StageOptions(
                options.dtype(), options.device(), blocks, blockSize, packing, options.batchInvariant());
        prefixes.close();
        pages.renew(other);
        prefixes = new PackedPrefixes(packing, pages, script);
    }

    /** Bytes of weights that are mapped pages of the checkpoint. */
    public long mappedBytes() {
        return mappedBytes;
    }

    /** Bytes of weights that had to be copied: converted or merged. */
    public long copiedBytes() {
        return copiedBytes;
    }

    /** Bytes of the key-value pages. */
    public long kvBytes() {
        return pages.bytes();
    }

    /** Bytes of the packed prefixes. */
    public long packedBytes() {
        return prefixes.bytes();
    }

    @Override
    public void close() {
        prefixes.close();
        owned.close();
    }

    private ScriptValue readLayers(StageWeights weights, LayerRange range) {
        List<List<Long>> shapes = LlamaWeights.layerShapes(spec);
        List<List<Tensor>> all = new ArrayList<>();
        for (int layer = range.first(); layer < range.end(); layer++) {
            List<Tensor> tensors = new ArrayList<>();
            List<String> names = LlamaWeights.layer(layer);
            for (int i = 0; i < names.size(); i++) {
                long[] shape = shapes.get(i).stream().mapToLong(Long::longValue).toArray();
                tensors.add(own(
                        shape.length == 2
                                ? weights.readFactor(names.get(i), shape)
                                : weights.read(names.get(i), shape)));
            }
            all.add(tensors);
        }
        return ScriptValue.of(all);
    }

    private void copyBlocks(List<BlockCopy> copies) {
        if (copies.isEmpty()) {
            return;
        }
        try (Tensor sources = index(copies.stream().mapToLong(BlockCopy::source).toArray());
                Tensor targets =
                        index(copies.stream().mapToLong(BlockCopy::target).toArray())) {
            script.run("copy_blocks", pages.keys(), pages.values(), sources, targets, pages.blockSize());
        }
    }

    private long checkedId(int id) {
        if (id < 0 || id >= spec.vocabulary()) {
            throw new IllegalArgumentException("token id " + id + " of " + spec.vocabulary());
        }
        return id;
    }

    private Tensor index(long[] values) {
        try (Tensor index = Tensor.of(values, values.length)) {
            return index.to(options.device(), Dtype.INT64);
        }
    }

    private Tensor onDevice(Tensor tensor) {
        return tensor.to(options.device(), options.dtype());
    }

    private <T extends AutoCloseable> T own(T resource) {
        return owned.add(resource);
    }
}
