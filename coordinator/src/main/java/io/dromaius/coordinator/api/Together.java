package io.dromaius.coordinator.api;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits for several answers once, so that many who do not answer cost no more time than one. */
final class Together {
    private Together() {}

    /** The answers that are there within {@code patience}, or until the thread is interrupted, which it then stays. */
    static <K, V> Map<K, V> answers(Map<K, CompletableFuture<V>> asked, Duration patience) {
        try {
            CompletableFuture.allOf(asked.values().toArray(CompletableFuture[]::new))
                    .get(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException | ExecutionException e) {
            // Whoever has answered, has.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Map<K, V> answers = new HashMap<>();
        asked.forEach((key, answer) -> {
            V there = answer.isCompletedExceptionally() ? null : answer.getNow(null);
            if (there != null) {
                answers.put(key, there);
            }
        });
        return answers;
    }
}
