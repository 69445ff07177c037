package io.dromaius.coordinator.pipeline;

import com.google.common.base.Ticker;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;

/** Which share of the last five to ten seconds something was busy. Thread-safe. */
final class BusyShare {
    private static final long PERIOD_NANOS = Duration.ofSeconds(5).toNanos();

    private final Ticker ticker;

    @GuardedBy("this")
    private long periodStart;

    @GuardedBy("this")
    private long current;

    @GuardedBy("this")
    private long previous;

    @GuardedBy("this")
    private boolean hasPrevious;

    BusyShare(Ticker ticker) {
        this.ticker = ticker;
        this.periodStart = ticker.read();
    }

    synchronized void add(long busyNanos) {
        turn();
        current += busyNanos;
    }

    /** From 0 to 1. */
    synchronized double share() {
        turn();
        long elapsed = ticker.read() - periodStart + (hasPrevious ? PERIOD_NANOS : 0);
        return elapsed <= 0 ? 0 : Math.min(1, (double) (current + previous) / elapsed);
    }

    @GuardedBy("this")
    private void turn() {
        long periods = (ticker.read() - periodStart) / PERIOD_NANOS;
        if (periods > 0) {
            previous = periods == 1 ? current : 0;
            current = 0;
            periodStart += periods * PERIOD_NANOS;
            hasPrevious = true;
        }
    }
}
