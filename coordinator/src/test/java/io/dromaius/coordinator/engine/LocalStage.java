package io.dromaius.coordinator.engine;

import com.google.common.primitives.ImmutableIntArray;
import io.dromaius.model.llama.BlockCopy;
import io.dromaius.model.llama.HeadResults;
import io.dromaius.model.llama.LlamaStage;
import io.dromaius.model.llama.SequenceRows;
import io.dromaius.model.llama.StageInput;
import io.dromaius.model.llama.StageOptions;
import io.dromaius.model.llama.StageStep;
import io.dromaius.model.llama.TextHead;
import io.dromaius.model.llama.TextResult;
import io.dromaius.model.spec.LlamaSpec;
import io.dromaius.model.torch.Device;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.Tensor;
import io.dromaius.model.weights.Checkpoint;
import io.dromaius.model.weights.WeightSource;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;

/** All layers of a checkpoint in the test's own process, fed with step plans. Greedy and beams only: it draws nothing. */
final class LocalStage implements StepSink, AutoCloseable {
    private final LlamaStage stage;
    private final int width;
    private final Dtype dtype;
    private final Map<Long, int[]> tables = new HashMap<>();
    private final Queue<StepPlan> plans = new ArrayDeque<>();

    LocalStage(Checkpoint checkpoint, int blocks, int blockSize) {
        this(
                checkpoint.spec().llama(),
                checkpoint.weights(),
                new StageOptions(Dtype.FP32, Device.CPU, blocks, blockSize));
    }

    LocalStage(LlamaSpec spec, WeightSource weights, StageOptions options) {
        width = spec.hidden();
        dtype = options.dtype();
        stage = new LlamaStage(spec, weights, spec.allLayers(), options);
    }

    @Override
    public void send(StepPlan plan) {
        plans.add(plan);
    }

    @Override
    public void lost(String cause) {
        throw new AssertionError(cause);
    }

    /** Runs what the loop, whose sink this is, has to do, until it sends nothing more. */
    void runToEnd(EngineLoop loop) {
        try {
            loop.turn(0);
            while (!plans.isEmpty()) {
                loop.onStepDone(runOldest());
                loop.turn(0);
            }
        } catch (InterruptedException e) {
            throw new AssertionError("nobody interrupts a test", e);
        }
    }

    private StepResult runOldest() {
        StepPlan plan = plans.remove();
        updateTables(plan);
        if (plan.rows() == 0) {
            return new StepResult(plan.step(), List.of(), ByteBuffer.allocate(0), 0);
        }
        try (Tensor embedded = embed(plan);
                Tensor hidden = stage.forward(work(plan), embedded);
                HeadResults results = stage.heads(hidden, heads(plan))) {
            return result(plan, results);
        }
    }

    @Override
    public void close() {
        stage.close();
    }

    private void updateTables(StepPlan plan) {
        Map<Long, int[]> before = new HashMap<>(tables);
        plan.released().forEach(tables::remove);
        for (SliceRows slice : plan.slices()) {
            long origin = slice.parent() == 0 ? slice.sequence() : slice.parent();
            int[] kept = before.getOrDefault(origin, new int[0]);
            int[] table =
                    Arrays.copyOf(kept, slice.keptBlocks() + slice.newBlocks().length());
            ImmutableIntArray added = slice.newBlocks();
            for (int i = 0; i < added.length(); i++) {
                table[slice.keptBlocks() + i] = added.get(i);
            }
            tables.put(slice.sequence(), table);
        }
    }

    private Tensor embed(StepPlan plan) {
        List<StageInput> inputs = new ArrayList<>();
        List<ByteBuffer> vectors = new ArrayList<>();
        for (SliceRows slice : plan.slices()) {
            for (InputRun run : slice.inputs()) {
                if (run instanceof InputRun.Ids ids) {
                    inputs.add(new StageInput.Ids(ids.ids().toArray()));
                } else {
                    inputs.add(new StageInput.Vectors(run.length()));
                    vectors.add(((InputRun.Vectors) run).rows().duplicate());
                }
            }
        }
        if (vectors.isEmpty()) {
            return stage.embed(inputs, Optional.empty());
        }
        int bytes = vectors.stream().mapToInt(ByteBuffer::remaining).sum();
        ByteBuffer all = ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
        vectors.forEach(all::put);
        try (Tensor rows = Tensor.wrap(dtype, new long[] {bytes / (dtype.bytes() * width), width}, all.flip())) {
            return stage.embed(inputs, Optional.of(rows));
        }
    }

    private StageStep work(StepPlan plan) {
        List<BlockCopy> copies = plan.copies().stream()
                .map(copy -> new BlockCopy(copy.source(), copy.target()))
                .toList();
        List<SequenceRows> rows = new ArrayList<>();
        for (SliceRows slice : plan.slices()) {
            rows.add(new SequenceRows(
                    slice.start(), slice.length(), tables.getOrDefault(slice.sequence(), new int[0]), slice.decoded()));
        }
        return new StageStep(copies, rows);
    }

    private static List<io.dromaius.model.llama.HeadRow> heads(StepPlan plan) {
        List<io.dromaius.model.llama.HeadRow> heads = new ArrayList<>();
        for (HeadRow row : plan.heads()) {
            heads.add(
                    row.head() instanceof HeadRequest.Text text
                            ? new io.dromaius.model.llama.HeadRow.Text(row.row(), head(text))
                            : new io.dromaius.model.llama.HeadRow.Regress(row.row()));
        }
        return heads;
    }

    private static TextHead head(HeadRequest.Text text) {
        return new TextHead(
                text.onLogProbabilities(),
                text.history().toArray(),
                text.repetitionPenalty(),
                text.noRepeatNgramSize(),
                text.barEndOfSequence(),
                text.constrained(),
                text.allowedIds().toArray(),
                text.candidates(),
                false,
                text.logprobs(),
                text.scoreIds().toArray());
    }

    private static StepResult result(StepPlan plan, HeadResults results) {
        Iterator<TextResult> texts = results.texts().iterator();
        List<RowResult> rows = new ArrayList<>();
        for (HeadRow row : plan.heads()) {
            boolean text = row.head() instanceof HeadRequest.Text;
            rows.add(text ? row(texts.next()) : new RowResult(0, 0, List.of(), List.of(), List.of()));
        }
        ByteBuffer vectors = ByteBuffer.allocate(0);
        if (results.vectors().isPresent()) {
            ByteBuffer alias = results.vectors().get().bytes();
            vectors = ByteBuffer.allocate(alias.remaining())
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .put(alias.duplicate())
                    .flip();
        }
        return new StepResult(plan.step(), rows, vectors, 0);
    }

    private static RowResult row(TextResult text) {
        List<Float> scores = new ArrayList<>();
        for (float score : text.scored()) {
            scores.add(score);
        }
        boolean chosen = text.ids().length > 0;
        return new RowResult(
                chosen ? text.ids()[0] : 0,
                chosen ? text.idLogprobs()[0] : 0,
                pairs(text.ids(), text.scores()),
                pairs(text.topIds(), text.topLogprobs()),
                scores);
    }

    private static List<ScoredId> pairs(int[] ids, float[] scores) {
        List<ScoredId> pairs = new ArrayList<>();
        for (int i = 0; i < ids.length; i++) {
            pairs.add(new ScoredId(ids[i], scores[i]));
        }
        return pairs;
    }
}
