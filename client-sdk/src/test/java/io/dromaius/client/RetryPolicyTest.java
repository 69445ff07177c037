package io.dromaius.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RetryPolicyTest {
    private final RetryPolicy policy = new RetryPolicy(4, Duration.ofMillis(100), Duration.ofMillis(300), 2);

    @Test
    void backoffGrowsToItsCeilingAndJitterSpreadsIt() {
        EmuException gone = failure(Status.Code.UNAVAILABLE, null);

        assertThat(policy.delay(gone, 1, 1)).isEqualTo(Duration.ofMillis(100));
        assertThat(policy.delay(gone, 2, 1)).isEqualTo(Duration.ofMillis(200));
        assertThat(policy.delay(gone, 3, 1)).isEqualTo(Duration.ofMillis(300));
        assertThat(policy.delay(gone, 3, 0)).isEqualTo(Duration.ofMillis(150));
    }

    @Test
    void theClustersOwnWaitComesFirst() {
        assertThat(policy.delay(failure(Status.Code.RESOURCE_EXHAUSTED, Duration.ofSeconds(7)), 1, 0))
                .isEqualTo(Duration.ofSeconds(7));
    }

    @Test
    void onlyWhatMayWorkNextTimeIsTriedAgain() {
        assertThat(policy.allows(failure(Status.Code.UNAVAILABLE, null), 3)).isTrue();
        assertThat(policy.allows(failure(Status.Code.RESOURCE_EXHAUSTED, Duration.ofSeconds(1)), 1))
                .isTrue();
        assertThat(policy.allows(failure(Status.Code.RESOURCE_EXHAUSTED, null), 1))
                .isFalse();
        assertThat(policy.allows(failure(Status.Code.UNAVAILABLE, null), 4)).isFalse();
        assertThat(policy.allows(failure(Status.Code.INVALID_ARGUMENT, null), 1))
                .isFalse();
        assertThat(policy.allows(failure(Status.Code.ABORTED, null), 1)).isFalse();
    }

    @Test
    void nonsenseIsRefused() {
        assertThatThrownBy(() -> new RetryPolicy(0, Duration.ZERO, Duration.ZERO, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("maxAttempts");
    }

    private static EmuException failure(Status.Code code, @org.jspecify.annotations.Nullable Duration retryAfter) {
        return new FailureDetails(code, "x", List.of(), null, retryAfter, Map.of()).toException(null);
    }
}
