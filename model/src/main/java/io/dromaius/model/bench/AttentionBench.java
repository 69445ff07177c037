package io.dromaius.model.bench;

import io.dromaius.model.spec.LlamaSpec;
import io.dromaius.model.torch.Device;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.ScriptModule;
import io.dromaius.model.torch.Tensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;

/**
 * Attention of one layer alone over 2,000 positions, of one row and of five beams that share the first 1,904, each beside a reader of the
 * same keys and values (shared ones once). Runs on the calling thread.
 */
public final class AttentionBench implements AutoCloseable {
    private static final int SHARED = 1904;
    private static final int OWN = 96;
    private static final int BEAMS = 5;

    private final LlamaSpec spec;
    private final LongSupplier nanos;
    private final ScriptModule script = ScriptModule.load("bench", "Bench");
    private final List<Tensor> owned = new ArrayList<>();

    /**
     * @param spec its layers take turns, so that none is read from the cache
     * @param nanos a clock in nanoseconds
     */
    public AttentionBench(LlamaSpec spec, LongSupplier nanos) {
        this.spec = spec;
        this.nanos = nanos;
    }

    /** Milliseconds and the ratios that matter, by name. */
    public Map<String, Double> run(int rounds) {
        Pages one = pages(SHARED + OWN);
        Pages beams = pages(SHARED + BEAMS * OWN);
        int[] oneReads = {0, 1, 0, SHARED + OWN};
        int[] beamReads = IntStream.concat(
                        IntStream.of(0, BEAMS, 0, SHARED),
                        IntStream.range(0, BEAMS)
                                .flatMap(beam ->
                                        IntStream.of(beam, beam + 1, SHARED + beam * OWN, SHARED + (beam + 1) * OWN)))
                .toArray();
        Tensor oneRow = tensor(1, spec.heads(), spec.headWidth());
        Tensor beamRows = tensor(BEAMS, spec.heads(), spec.headWidth());
        Stopwatches watches = new Stopwatches(nanos);
        watches.add("read batch 1", () -> read(one));
        watches.add("attention batch 1", () -> attend(oneRow, one, oneReads));
        watches.add("read 5 beams", () -> read(beams));
        watches.add("attention 5 beams", () -> attend(beamRows, beams, beamReads));
        Timings timings = watches.run(rounds);
        Map<String, Double> report = timings.report();
        report.put(
                "reader GB/s",
                2.0 * (SHARED + OWN) * spec.hidden() * Dtype.FP32.bytes() / timings.median("read batch 1") / 1e6);
        timings.putRatio(report, "attention batch 1 / reader", "attention batch 1", "read batch 1");
        timings.putRatio(report, "attention 5 beams / reader", "attention 5 beams", "read 5 beams");
        return report;
    }

    @Override
    public void close() {
        owned.forEach(Tensor::close);
        script.close();
    }

    private void read(Pages pages) {
        script.tensor("total", pages.next()).close();
    }

    private void attend(Tensor rows, Pages pages, int[] reads) {
        List<Tensor> layer = pages.next();
        script.tensor("attend", rows, layer.subList(0, 1), layer.subList(1, 2), reads)
                .close();
    }

    private Pages pages(int slots) {
        Deque<List<Tensor>> layers = new ArrayDeque<>();
        for (int layer = 0; layer < spec.layers(); layer++) {
            List<Tensor> kinds = List.of(
                    tensor(spec.heads(), slots, spec.headWidth()), tensor(spec.heads(), slots, spec.headWidth()));
            script.run("fill", kinds);
            layers.add(kinds);
        }
        return new Pages(layers);
    }

    private Tensor tensor(long... shape) {
        Tensor tensor = Tensor.zeros(Device.CPU, Dtype.FP32, shape);
        owned.add(tensor);
        return tensor;
    }

    /** Keys and values of the layers in turn, [heads, slots, width] each. */
    private record Pages(Deque<List<Tensor>> layers) {
        List<Tensor> next() {
            List<Tensor> layer = layers.remove();
            layers.add(layer);
            return layer;
        }
    }
}
