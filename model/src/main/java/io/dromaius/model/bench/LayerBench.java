package io.dromaius.model.bench;

import io.dromaius.model.llama.BlockCopy;
import io.dromaius.model.llama.HeadResults;
import io.dromaius.model.llama.HeadRow;
import io.dromaius.model.llama.LlamaStage;
import io.dromaius.model.llama.PrefixPacking;
import io.dromaius.model.llama.RandomWeights;
import io.dromaius.model.llama.SequenceRows;
import io.dromaius.model.llama.StageInput;
import io.dromaius.model.llama.StageOptions;
import io.dromaius.model.llama.StageStep;
import io.dromaius.model.llama.TextHead;
import io.dromaius.model.spec.LlamaSpec;
import io.dromaius.model.torch.Device;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.ScriptModule;
import io.dromaius.model.torch.ScriptValue;
import io.dromaius.model.torch.Tensor;
import io.dromaius.model.weights.LlamaWeights;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;

/**
 * One stage of random layers with its heads: decode at batch 1 and 8, a prefill of 128 rows, and beside them, in alternation,
 * a reader of the same weights and the layers' matrix products alone. Runs on the calling thread.
 */
public final class LayerBench implements AutoCloseable {
    /** LLaMA-13B's width, a few layers deep. */
    public static final LlamaSpec LLAMA_13B_WIDE = new LlamaSpec(4, 5120, 40, 13824, 32004, 1e-6, 10000, 2048);

    private static final int CONTEXT = 128;
    private static final int BATCH = 8;
    private static final int BLOCK_SIZE = 16;

    private final LlamaSpec spec;
    private final StageOptions options;
    private final LongSupplier nanos;
    private final SharedWeights weights;
    private final LlamaStage stage;
    private final ScriptModule script = ScriptModule.load("bench", "Bench");

    /**
     * @param batchInvariant see {@link StageOptions}
     * @param nanos a clock in nanoseconds
     */
    public LayerBench(LlamaSpec spec, Dtype dtype, boolean batchInvariant, LongSupplier nanos) {
        this.spec = spec;
        this.nanos = nanos;
        int blocks = (BATCH + 1) * (2 * CONTEXT / BLOCK_SIZE);
        this.options = new StageOptions(dtype, Device.CPU, blocks, BLOCK_SIZE, PrefixPacking.NEVER, batchInvariant);
        this.weights = new SharedWeights(new RandomWeights(spec, 1));
        this.stage = new LlamaStage(spec, weights, spec.allLayers(), options);
    }

    /**
     * Milliseconds and the ratios that matter, by name.
     *
     * @param finished told how many rounds are finished
     */
    public Map<String, Double> steps(int rounds, IntConsumer finished) {
        List<List<Tensor>> layers = new ArrayList<>();
        List<Tensor> read = new ArrayList<>();
        for (int layer = 0; layer < spec.layers(); layer++) {
            layers.add(LlamaWeights.layer(layer).stream()
                    .map(name -> weights.kept(name, options.dtype()))
                    .toList());
            read.addAll(layers.get(layer));
        }
        read.add(weights.kept(LlamaWeights.LM_HEAD, options.dtype()));
        long bytes = read.stream()
                .mapToLong(tensor -> tensor.elements() * tensor.dtype().bytes())
                .sum();
        try (ScriptValue all = ScriptValue.of(layers);
                Tensor x = Tensor.zeros(Device.CPU, options.dtype(), CONTEXT, spec.hidden());
                Tensor h = Tensor.zeros(Device.CPU, options.dtype(), CONTEXT, spec.intermediate())) {
            Stopwatches watches = new Stopwatches(nanos);
            watches.add("read weights", () -> script.tensor("total", read).close());
            watches.add("decode batch 1", () -> decode(1));
            watches.add("decode batch 8", () -> decode(BATCH));
            watches.add("prefill 128", () -> forward(List.of(new SequenceRows(0, CONTEXT, table(0))), 1));
            watches.add(
                    "products alone 128", () -> script.tensor("gemm", all, x, h).close());
            Timings timings = watches.run(rounds, finished);
            Map<String, Double> report = timings.report();
            report.put("weight GB", bytes / 1e9);
            report.put("reader GB/s", bytes / timings.median("read weights") / 1e6);
            timings.putRatio(report, "reader / decode batch 1", "read weights", "decode batch 1");
            timings.putRatio(report, "decode batch 8 / batch 1", "decode batch 8", "decode batch 1");
            timings.putRatio(report, "products alone / prefill 128", "products alone 128", "prefill 128");
            return report;
        }
    }

    @Override
    public void close() {
        script.close();
        stage.close();
        weights.close();
    }

    private void decode(int batch) {
        forward(
                IntStream.range(0, batch)
                        .mapToObj(i -> new SequenceRows(CONTEXT - 1, 1, table(i)))
                        .toList(),
                batch);
    }

    private void forward(List<SequenceRows> sequences, int heads) {
        StageStep step = new StageStep(List.<BlockCopy>of(), sequences);
        List<HeadRow> rows = IntStream.range(0, heads)
                .<HeadRow>mapToObj(i -> new HeadRow.Text(step.rows() - heads + i, TextHead.best(1)))
                .toList();
        try (Tensor x = stage.embed(List.of(new StageInput.Ids(new int[step.rows()])), Optional.empty());
                Tensor y = stage.forward(step, x);
                HeadResults results = stage.heads(y, rows)) {
            if (results.texts().size() != heads) {
                throw new IllegalStateException("lost a head");
            }
        }
    }

    private static int[] table(int sequence) {
        int size = 2 * CONTEXT / BLOCK_SIZE;
        return IntStream.range(sequence * size, (sequence + 1) * size).toArray();
    }
}
