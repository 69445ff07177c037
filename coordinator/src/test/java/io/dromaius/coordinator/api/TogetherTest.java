package io.dromaius.coordinator.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Stopwatch;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class TogetherTest {
    @Test
    void thoseWhoDoNotAnswerAreWaitedForOnce() {
        Map<String, CompletableFuture<Integer>> asked = new HashMap<>();
        for (int i = 0; i < 200; i++) {
            asked.put("silent " + i, new CompletableFuture<>());
        }
        asked.put("answers", CompletableFuture.completedFuture(7));
        asked.put("fails", CompletableFuture.failedFuture(new IllegalStateException("gone")));

        Stopwatch waited = Stopwatch.createStarted();
        assertThat(Together.answers(asked, Duration.ofMillis(200))).containsExactly(Map.entry("answers", 7));
        assertThat(waited.elapsed()).isBetween(Duration.ofMillis(200), Duration.ofSeconds(20));
    }

    @Test
    void whereAllAnswerNobodyWaits() {
        Map<String, CompletableFuture<Integer>> asked = Map.of(
                "a", CompletableFuture.completedFuture(1), "b", CompletableFuture.failedFuture(new RuntimeException()));

        Stopwatch waited = Stopwatch.createStarted();
        assertThat(Together.answers(asked, Duration.ofHours(1))).containsExactly(Map.entry("a", 1));
        assertThat(waited.elapsed()).isLessThan(Duration.ofMinutes(1));
    }
}
