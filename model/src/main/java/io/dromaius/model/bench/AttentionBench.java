package io.dromaius.model.bench;

import io.dromaius.model.llama.AttentionPlan;
import io.dromaius.model.llama.SequenceRows;
import io.dromaius.model.spec.LlamaSpec;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.Tensor;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Attention alone over 2,000 positions in the layers of a stage, of one row and of five beams that share the first 1,904,
 * each beside a reader of the same keys and values (shared ones once). Runs on the calling thread.
 */
public final class AttentionBench implements AutoCloseable {
    private static final int SHARED = 1904;
    private static final int OWN = 96;
    /** Beams of the beam search measured. */
    public static final int BEAMS = 5;

    private static final int BLOCK_SIZE = 16;

    private final LlamaSpec spec;
    private final LongSupplier nanos;
    private final Workbench bench = new Workbench();

    /** @param nanos a clock in nanoseconds */
    public AttentionBench(LlamaSpec spec, LongSupplier nanos) {
        this.spec = spec;
        this.nanos = nanos;
    }

    /**
     * Milliseconds and the ratios that matter, by name.
     *
     * @param finished told how many rounds are finished
     */
    public Map<String, Double> run(int rounds, IntConsumer finished) {
        Pages one = pages(SHARED + OWN);
        Pages beams = pages(SHARED + BEAMS * OWN);
        Work oneWork = work(1);
        Work beamWork = work(BEAMS);
        Stopwatches watches = new Stopwatches(nanos);
        watches.add("read batch 1", () -> read(one));
        watches.add("attention batch 1", () -> attend(oneWork, one));
        watches.add("read 5 beams", () -> read(beams));
        watches.add("attention 5 beams", () -> attend(beamWork, beams));
        Timings timings = watches.run(rounds, finished);
        Map<String, Double> report = timings.report();
        report.put(
                "reader GB/s",
                2.0
                        * spec.layers()
                        * (SHARED + OWN)
                        * spec.hidden()
                        * Dtype.FP32.bytes()
                        / timings.median("read batch 1")
                        / 1e6);
        timings.putRatio(report, "attention batch 1 / reader", "attention batch 1", "read batch 1");
        timings.putRatio(report, "attention 5 beams / reader", "attention 5 beams", "read 5 beams");
        return report;
    }

    @Override
    public void close() {
        bench.close();
    }

    private void read(Pages pages) {
        bench.script().tensor("total", pages.all()).close();
    }

    private void attend(Work work, Pages pages) {
        bench.script()
                .tensor(
                        "attend",
                        work.rows(),
                        pages.keys(),
                        pages.values(),
                        work.plan().reads())
                .close();
    }

    /** The blocks of a beam: shared ones first. */
    private static SequenceRows beam(int index) {
        int[] blocks = IntStream.concat(
                        IntStream.range(0, SHARED / BLOCK_SIZE),
                        IntStream.range(0, OWN / BLOCK_SIZE).map(i -> (SHARED + index * OWN) / BLOCK_SIZE + i))
                .toArray();
        return new SequenceRows(SHARED + OWN - 1, 1, blocks);
    }

    private Work work(int beams) {
        List<SequenceRows> sequences =
                IntStream.range(0, beams).mapToObj(AttentionBench::beam).toList();
        int blocks = (SHARED + beams * OWN) / BLOCK_SIZE;
        return new Work(
                new AttentionPlan(sequences, BLOCK_SIZE, blocks), bench.tensor(beams, spec.heads(), spec.headWidth()));
    }

    private Pages pages(int slots) {
        Pages pages = new Pages(bench.pages(spec, slots), bench.pages(spec, slots));
        bench.script().run("fill", pages.all());
        return pages;
    }

    /** A step of single rows, [rows, heads, width]. */
    private record Work(AttentionPlan plan, Tensor rows) {}

    /** Keys and values of the layers, [heads, slots, width] each. */
    private record Pages(List<Tensor> keys, List<Tensor> values) {
        List<Tensor> all() {
            return Stream.concat(keys.stream(), values.stream()).toList();
        }
    }
}
