package io.dromaius.testkit;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What the machine withholds from this process: a thread that naps again and again sums up by how much it oversleeps. A
 * limit of wall time is longer by so much on a machine with other work, and stays what it is on an idle one.
 */
final class StallMeter implements AutoCloseable {
    private static final Duration NAP = Duration.ofMillis(10);
    /** An idle machine is as late as this too. */
    private static final Duration PUNCTUAL = Duration.ofMillis(2);

    private final AtomicLong stalledNanos = new AtomicLong();
    private final Thread thread = new Thread(this::run, "stall-meter");

    private StallMeter() {}

    static StallMeter start() {
        StallMeter meter = new StallMeter();
        meter.thread.setDaemon(true);
        meter.thread.start();
        return meter;
    }

    /** {@code limit} and what the machine has withheld since the start. */
    Duration extend(Duration limit) {
        return limit.plusNanos(stalledNanos.get());
    }

    private void run() {
        try {
            while (true) {
                long begun = System.nanoTime();
                TimeUnit.NANOSECONDS.sleep(NAP.toNanos());
                long late = System.nanoTime() - begun - NAP.toNanos();
                if (late > PUNCTUAL.toNanos()) {
                    stalledNanos.addAndGet(late);
                }
            }
        } catch (InterruptedException e) {
            // Closed: nobody asks any more.
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
