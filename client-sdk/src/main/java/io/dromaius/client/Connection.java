package io.dromaius.client;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What the calls of one client share. Thread-safe. */
record Connection(Endpoints endpoints, RetryPolicy retries) {

    /** Time to wait before the next try, or null if there is none. */
    @Nullable
    Duration retryDelay(EmuException failure, int attempts) {
        return retries.allows(failure, attempts)
                ? retries.delay(failure, attempts, ThreadLocalRandom.current().nextDouble())
                : null;
    }

    void schedule(Runnable task, Duration delay) {
        CompletableFuture.delayedExecutor(delay.toNanos(), TimeUnit.NANOSECONDS).execute(task);
    }
}
