package io.dromaius.coordinator.api;

import com.google.common.base.Ticker;
import io.dromaius.proto.v1.Timings;

/** When what happened to one call. One thread at a time. */
final class CallTimes {
    private static final long NEVER = Long.MIN_VALUE;
    private static final double NANOS_PER_MILLI = 1e6;

    private final Ticker ticker;
    private final long arrived;
    private long encoding = NEVER;
    private long submitted = NEVER;
    private long scheduled = NEVER;
    private long firstOutput = NEVER;
    private long lastOutput = NEVER;
    private long drawingNanos;

    CallTimes(Ticker ticker) {
        this.ticker = ticker;
        this.arrived = ticker.read();
    }

    void encoding() {
        encoding = ticker.read();
    }

    void submitted() {
        submitted = ticker.read();
    }

    void scheduled() {
        scheduled = ticker.read();
    }

    /** Tokens or an embedding came; returns the nanoseconds since the output before, or since arrival. */
    long output() {
        long now = ticker.read();
        long before = lastOutput == NEVER ? arrived : lastOutput;
        if (firstOutput == NEVER) {
            firstOutput = now;
        }
        lastOutput = now;
        return now - before;
    }

    boolean anyOutput() {
        return firstOutput != NEVER;
    }

    long now() {
        return ticker.read();
    }

    void drew(long nanos) {
        drawingNanos += nanos;
    }

    double encodeSeconds() {
        return millis(encoding, submitted) / 1000;
    }

    Timings timings() {
        long now = ticker.read();
        return Timings.newBuilder()
                .setQueueMs(millis(submitted, scheduled))
                .setEncodeMs(millis(encoding, submitted))
                .setPrefillMs(millis(scheduled, firstOutput))
                .setDecodeMs(millis(firstOutput, lastOutput))
                .setDiffusionMs(drawingNanos / NANOS_PER_MILLI)
                .setTotalMs(millis(arrived, now))
                .setTtftMs(millis(arrived, firstOutput))
                .build();
    }

    private static double millis(long from, long to) {
        return from == NEVER || to == NEVER ? 0 : (to - from) / NANOS_PER_MILLI;
    }
}
