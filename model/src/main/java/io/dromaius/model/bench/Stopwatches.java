package io.dromaius.model.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Times several pieces of work in alternation, so that a change in the machine's mood meets all of them, and keeps medians.
 */
final class Stopwatches {
    private final LongSupplier nanos;
    private final Map<String, Runnable> work = new LinkedHashMap<>();

    Stopwatches(LongSupplier nanos) {
        this.nanos = nanos;
    }

    void add(String name, Runnable piece) {
        work.put(name, piece);
    }

    /** Median milliseconds of each, in the order of addition; the first round does not count. */
    Map<String, Double> run(int rounds) {
        Map<String, List<Double>> times = new LinkedHashMap<>();
        for (int round = 0; round <= rounds; round++) {
            for (Map.Entry<String, Runnable> piece : work.entrySet()) {
                long start = nanos.getAsLong();
                piece.getValue().run();
                double millis = (nanos.getAsLong() - start) / 1e6;
                if (round > 0) {
                    times.computeIfAbsent(piece.getKey(), key -> new ArrayList<>())
                            .add(millis);
                }
            }
        }
        Map<String, Double> medians = new LinkedHashMap<>();
        times.forEach((name, samples) -> medians.put(name, median(samples)));
        return medians;
    }

    static double median(List<Double> samples) {
        double[] sorted =
                samples.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1
                ? sorted[middle]
                : Arrays.stream(sorted, middle - 1, middle + 1).sum() / 2;
    }
}
