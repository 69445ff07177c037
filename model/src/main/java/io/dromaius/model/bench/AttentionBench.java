package io.dromaius.model.bench;

import io.dromaius.model.llama.AttentionPlan;
import io.dromaius.model.llama.PackedRead;
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
 * Attention alone over 2,000 positions in the layers of a stage, of one row and of beams that share the first 1,904,
 * packed and from the pages, each beside a reader of the same keys and values (shared ones once). Runs on the calling thread.
 */
public final class AttentionBench implements AutoCloseable {
    private static final int SHARED = 1904;
    private static final int OWN = 96;
    private static final int BLOCK_SIZE = 16;

    private final LlamaSpec spec;
    private final int beams;
    private final LongSupplier nanos;
    private final Workbench bench = new Workbench();

    /** @param nanos a clock in nanoseconds */
    public AttentionBench(LlamaSpec spec, int beams, LongSupplier nanos) {
        this.spec = spec;
        this.beams = beams;
        this.nanos = nanos;
    }

    /**
     * Milliseconds and the ratios that matter, by name.
     *
     * @param finished told how many rounds are finished
     */
    public Map<String, Double> run(int rounds, IntConsumer finished) {
        Pages one = pages(SHARED + OWN);
        Pages several = pages(SHARED + beams * OWN);
        Work oneWork = work(1);
        Work work = work(beams);
        long begun = nanos.getAsLong();
        Work packedWork = packed(several);
        double packing = (nanos.getAsLong() - begun) * 1e-6;
        String reader = "read " + beams + " beams";
        String packed = "attention " + beams + " beams, packed";
        String unpacked = "attention " + beams + " beams, pages";
        Stopwatches watches = new Stopwatches(nanos);
        watches.add("read batch 1", () -> read(one));
        watches.add("attention batch 1", () -> attend(oneWork, one));
        watches.add(reader, () -> read(several));
        watches.add(packed, () -> attend(packedWork, several));
        watches.add(unpacked, () -> attend(work, several));
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
        timings.putRatio(report, packed + " / reader", packed, reader);
        timings.putRatio(report, unpacked + " / reader", unpacked, reader);
        report.put("packing the shared positions ms", packing);
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
                        work.plan().reads(),
                        work.plan().prefixes(),
                        work.packs())
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

    private Work work(int count) {
        return new Work(new AttentionPlan(beams(count), BLOCK_SIZE), rows(count), List.of());
    }

    /** As a stage reads a prefix once it has packed it. */
    private Work packed(Pages pages) {
        PackedRead shared = new PackedRead(0, beams, SHARED / BLOCK_SIZE, beams);
        List<Tensor> packs = bench.script().tensors("pack", pages.keys(), pages.values(), SHARED, beams);
        bench.own(packs);
        return new Work(new AttentionPlan(beams(beams), BLOCK_SIZE, List.of(shared)), rows(beams), packs);
    }

    private static List<SequenceRows> beams(int count) {
        return IntStream.range(0, count).mapToObj(AttentionBench::beam).toList();
    }

    private Tensor rows(int count) {
        return bench.tensor(count, spec.heads(), spec.headWidth());
    }

    private Pages pages(int slots) {
        Pages pages = new Pages(bench.pages(spec, slots), bench.pages(spec, slots));
        bench.script().run("fill", pages.all());
        return pages;
    }

    /** A step of single rows, [rows, heads, width]; packs of the prefix that the plan leaves out, if it does. */
    private record Work(AttentionPlan plan, Tensor rows, List<Tensor> packs) {}

    /** Keys and values of the layers, [heads, slots, width] each. */
    private record Pages(List<Tensor> keys, List<Tensor> values) {
        List<Tensor> all() {
            return Stream.concat(keys.stream(), values.stream()).toList();
        }
    }
}
