package io.dromaius.node.rpc;

import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How long another process has said nothing, counted in beats of one's own. By the clock, a pause of this process would
 * look like the silence of all others: while it stands still, what they say lies unread. In beats, a pause of any length
 * is one, and what they said is read before the next. Thread-safe.
 */
public final class Silence {
    private static final int BEATS = 8;

    private final Duration limit;
    private final AtomicInteger unheard = new AtomicInteger();

    /** @param limit how long the other may say nothing while this process runs well */
    public Silence(Duration limit) {
        this.limit = limit;
    }

    public Duration limit() {
        return limit;
    }

    /** Runs {@code beat}, which is to call {@link #beat}, at the right pace; after a pause once, not once for each missed. */
    public ScheduledFuture<?> every(ScheduledExecutorService timer, Runnable beat) {
        long period = limit.toNanos() / BEATS;
        return timer.scheduleWithFixedDelay(beat, period, period, TimeUnit.NANOSECONDS);
    }

    /** The other has said something. */
    public void heard() {
        unheard.set(0);
    }

    /** Counts one beat. Whether the limit has passed; counting then begins anew. */
    public boolean beat() {
        boolean over = unheard.incrementAndGet() > BEATS;
        if (over) {
            unheard.set(0);
        }
        return over;
    }
}
