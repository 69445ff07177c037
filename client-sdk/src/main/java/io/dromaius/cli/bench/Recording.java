package io.dromaius.cli.bench;

import io.dromaius.client.EmuException;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** What was seen within the measured window. Thread-safe. Values are microseconds. */
public final class Recording {
    private static final long LONGEST_MICROS = TimeUnit.HOURS.toMicros(1);

    private final Histogram firstToken = new ConcurrentHistogram(LONGEST_MICROS, 3);
    private final Histogram interToken = new ConcurrentHistogram(LONGEST_MICROS, 3);
    private final Histogram whole = new ConcurrentHistogram(LONGEST_MICROS, 3);
    private final LongAdder tokens = new LongAdder();
    private final LongAdder pictures = new LongAdder();
    private final LongAdder requests = new LongAdder();
    private final Map<String, LongAdder> failures = new ConcurrentSkipListMap<>();
    private volatile boolean measuring;

    /** From now on, or no longer, what happens counts: the warm-up and the tail do not. */
    public void measure(boolean on) {
        measuring = on;
    }

    void firstToken(long nanos) {
        record(firstToken, nanos);
    }

    /** {@code count} tokens came {@code nanos} after the ones before. */
    void tokens(int count, long nanos) {
        if (measuring) {
            tokens.add(count);
            for (int i = 0; i < count; i++) {
                record(interToken, nanos / count);
            }
        }
    }

    /** The first tokens of an answer: they have no gap before them. */
    void firstTokens(int count) {
        if (measuring) {
            tokens.add(count);
        }
    }

    void picture() {
        if (measuring) {
            pictures.increment();
        }
    }

    void finished(long nanos) {
        if (measuring) {
            requests.increment();
            record(whole, nanos);
        }
    }

    void failed(Throwable failure) {
        if (measuring) {
            String name = failure instanceof EmuException emu
                    ? emu.code().name()
                    : failure.getClass().getSimpleName();
            failures.computeIfAbsent(name, key -> new LongAdder()).increment();
        }
    }

    /** The figures of a window of {@code seconds}. */
    public BenchReport.Figures figures(double seconds) {
        Map<String, Long> failed = new TreeMap<>();
        failures.forEach((name, count) -> failed.put(name, count.sum()));
        return new BenchReport.Figures(
                seconds,
                requests.sum(),
                failed,
                tokens.sum() / seconds,
                pictures.sum() / seconds,
                BenchReport.Latency.of(firstToken),
                BenchReport.Latency.of(interToken),
                BenchReport.Latency.of(whole));
    }

    private void record(Histogram histogram, long nanos) {
        if (measuring) {
            histogram.recordValue(Math.min(LONGEST_MICROS, Math.max(0, TimeUnit.NANOSECONDS.toMicros(nanos))));
        }
    }
}
