package io.dromaius.model.bench;

import io.dromaius.model.spec.LlamaSpec;
import io.dromaius.model.torch.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/**
 * The kernels that attention could read keys or values with, each alone over the same positions of a stage's layers, beside a
 * reader of keys and values together. Runs on the calling thread.
 */
public final class KernelBench implements AutoCloseable {
    private static final int SLOTS = 1904;
    private static final int TILE = 272;
    private static final List<String> KERNELS = List.of(
            "keys times columns",
            "rows times transposed keys",
            "rows times values",
            "fused",
            "rows times packed keys",
            "rows times packed values");

    private final LlamaSpec spec;
    private final LongSupplier nanos;
    private final Workbench bench = new Workbench();

    /** @param nanos a clock in nanoseconds */
    public KernelBench(LlamaSpec spec, LongSupplier nanos) {
        this.spec = spec;
        this.nanos = nanos;
    }

    /**
     * Median time of each kernel over the reader's, by name.
     *
     * @param rows to attend with
     * @param finished told how many rounds are finished
     */
    public Map<String, Double> run(int rows, int rounds, IntConsumer finished) {
        List<Tensor> keys = bench.pages(spec, SLOTS);
        List<Tensor> values = bench.pages(spec, SLOTS);
        List<Tensor> all = Stream.concat(keys.stream(), values.stream()).toList();
        bench.script().run("fill", all);
        Tensor q = bench.tensor(spec.heads(), rows, spec.headWidth());
        Tensor p = bench.tensor(spec.heads(), rows, SLOTS);
        List<Tensor> packs = bench.script().tensors("pack", keys, values, SLOTS, rows);
        bench.own(packs);
        Stopwatches watches = new Stopwatches(nanos);
        watches.add("reader", () -> bench.script().tensor("total", all).close());
        List<String> names = new ArrayList<>(KERNELS);
        names.add("values as bags");
        names.add("values as bags, in tiles of " + TILE);
        for (String name : names) {
            int tile = name.endsWith("bags") ? SLOTS : TILE;
            List<Tensor> bags = bench.script().tensors("bags", spec.heads(), rows, SLOTS, tile);
            bench.own(bags);
            watches.add(name, () -> bench.script()
                    .tensor("kernel", name, q, p, keys, values, tile, bags, packs)
                    .close());
        }
        Timings timings = watches.run(rounds, finished);
        Map<String, Double> report = new LinkedHashMap<>();
        names.forEach(name -> timings.putRatio(report, name + ", " + rows + " rows / reader", name, "reader"));
        return report;
    }

    @Override
    public void close() {
        bench.close();
    }
}
