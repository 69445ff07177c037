package io.dromaius.shard;

import com.google.common.base.Stopwatch;
import com.google.common.base.Ticker;
import io.dromaius.model.llama.LlamaStage;
import io.dromaius.model.llama.NotInvariantException;
import io.dromaius.model.llama.PrefixPacking;
import io.dromaius.model.llama.SequenceRows;
import io.dromaius.model.llama.StageOptions;
import io.dromaius.model.llama.StageStep;
import io.dromaius.model.spec.CheckpointException;
import io.dromaius.model.spec.LlamaSpec;
import io.dromaius.model.torch.Device;
import io.dromaius.model.torch.Tensor;
import io.dromaius.model.weights.Checkpoint;
import io.dromaius.model.weights.WeightSource;
import io.dromaius.node.rpc.FailureCode;
import io.dromaius.node.rpc.Failures;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Loads LLaMA layers of one checkpoint. One stage is resident at a time; its weights stay for the next layout if they will do. */
final class TorchStageLoader implements StageLoader {
    private static final int MEASUREMENTS = 4;

    private record Resident(StageLayout layout, TorchStage stage) {}

    private final Checkpoint checkpoint;
    private final LlamaSpec llama;
    private final Device device;
    private final long memoryBytes;
    private final Ticker ticker;
    private @Nullable Resident resident;

    /** @param memoryBytes what weights, KV pages and, where these leave some of it, packed prefixes may take together */
    TorchStageLoader(Checkpoint checkpoint, Device device, long memoryBytes, Ticker ticker) {
        this.checkpoint = checkpoint;
        this.llama = checkpoint.spec().llama();
        this.device = device;
        this.memoryBytes = memoryBytes;
        this.ticker = ticker;
    }

    @Override
    public int modelLayers() {
        return llama.layers();
    }

    @Override
    public Stage load(StageLayout layout) {
        Resident present = resident;
        if (present != null && present.layout().equals(layout)) {
            return present.stage();
        }
        if (layout.batchInvariant() && !device.isCpu()) {
            throw Failures.of(FailureCode.UNSUPPORTED, "batch invariance: not on " + device + ", only on cpu")
                    .build();
        }
        WeightSource weights = checkpoint.weights();
        StageMemory memory = StageMemory.of(llama, weights, layout, device);
        int blocks = memory.blocks(memoryBytes, layout.maxBlocks());
        PrefixPacking packing = device.isCpu() && !layout.batchInvariant()
                ? PrefixPacking.upTo(memory.spare(memoryBytes, blocks))
                : PrefixPacking.NEVER;
        TorchStage stage;
        if (present != null && present.layout().sameWeights(layout)) {
            stage = renewed(present.stage(), blocks, layout.blockSize(), packing);
        } else {
            close();
            stage = load(layout, weights, blocks, packing);
        }
        resident = new Resident(layout, stage);
        return stage;
    }

    /** A stage whose new blocks cannot be had has lost the old ones too, and must not be handed out again. */
    private TorchStage renewed(TorchStage stage, int blocks, int blockSize, PrefixPacking packing) {
        try {
            return stage.renewed(blocks, blockSize, packing);
        } catch (RuntimeException e) {
            close();
            throw Failures.of(
                            FailureCode.OUT_OF_MEMORY,
                            "%d KV blocks of %d positions could not be allocated".formatted(blocks, blockSize))
                    .cause(e)
                    .build();
        }
    }

    private TorchStage load(StageLayout layout, WeightSource weights, int blocks, PrefixPacking packing) {
        StageOptions options = new StageOptions(
                TorchStage.dtype(layout.dtype()), device, blocks, layout.blockSize(), packing, layout.batchInvariant());
        try {
            StageSpec spec = new StageSpec(
                    layout.layers(),
                    llama.layers(),
                    llama.hidden(),
                    llama.vocabulary(),
                    layout.dtype(),
                    blocks,
                    layout.blockSize());
            LlamaStage loaded = new LlamaStage(llama, weights, layout.layers(), options);
            try {
                return new TorchStage(spec, loaded, layerMillis(loaded, layout, options));
            } catch (RuntimeException e) {
                loaded.close();
                throw e;
            }
        } catch (NotInvariantException e) {
            throw Failures.of(FailureCode.UNSUPPORTED, "batch invariance: " + e.getMessage())
                    .cause(e)
                    .build();
        } catch (CheckpointException e) {
            throw Failures.of(FailureCode.BAD_CHECKPOINT, String.valueOf(e.getMessage()))
                    .cause(e)
                    .build();
        }
    }

    /**
     * Runs one row a few times, which also brings the weights into memory; the best time counts.
     *
     * @throws CheckpointException if the row comes out not finite: every step would
     */
    private double layerMillis(LlamaStage loaded, StageLayout layout, StageOptions options) {
        StageStep oneRow = new StageStep(List.of(), List.of(new SequenceRows(0, 1, new int[] {0})));
        long best = Long.MAX_VALUE;
        try (Tensor hidden = Tensor.zeros(Device.CPU, options.dtype(), 1, llama.hidden())) {
            for (int i = 0; i < MEASUREMENTS; i++) {
                Stopwatch watch = Stopwatch.createStarted(ticker);
                try (Tensor row = loaded.forward(oneRow, hidden)) {
                    best = Math.min(best, watch.elapsed(TimeUnit.NANOSECONDS));
                    requireFinite(row, layout);
                }
            }
        }
        return best * 1e-6 / layout.layers().count();
    }

    private void requireFinite(Tensor row, StageLayout layout) {
        if (!row.isFinite()) {
            String range = "layers [%d, %d)"
                    .formatted(layout.layers().first(), layout.layers().end());
            throw new CheckpointException(
                    checkpoint.origin(),
                    "a row on trial through " + range + " is not finite: their weights are damaged");
        }
    }

    @Override
    public void close() {
        Resident present = resident;
        resident = null;
        if (present != null) {
            present.stage().close();
        }
    }
}
