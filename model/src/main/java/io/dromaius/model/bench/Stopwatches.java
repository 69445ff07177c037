package io.dromaius.model.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;

/**
 * Times several pieces of work in alternation, so that a change in the machine's mood meets all of them.
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

    /**
     * Milliseconds of each, in the order of addition; the first round does not count.
     *
     * @param finished told how many of the rounds that count are finished
     */
    Timings run(int rounds, IntConsumer finished) {
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
            finished.accept(round);
        }
        return new Timings(times);
    }
}
