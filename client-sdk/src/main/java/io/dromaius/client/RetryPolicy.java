package io.dromaius.client;

import io.grpc.Status;
import java.time.Duration;

/**
 * When a failed call is made again. Only calls that delivered no event are: a generation that began is the caller's to
 * repeat. Retried are RESOURCE_EXHAUSTED where the cluster says when to come back ({@code RetryInfo}), and UNAVAILABLE,
 * after that time or else an exponential backoff with jitter; never beyond the call's deadline.
 *
 * @param maxAttempts tries in all; 1 means no retry
 * @param initialBackoff before the second try
 * @param maxBackoff ceiling of the backoff
 * @param multiplier from one backoff to the next
 */
public record RetryPolicy(int maxAttempts, Duration initialBackoff, Duration maxBackoff, double multiplier) {
    public RetryPolicy {
        if (maxAttempts < 1) {
            throw new IllegalArgumentException("maxAttempts must be at least 1, but is " + maxAttempts);
        }
        if (initialBackoff.isNegative() || maxBackoff.compareTo(initialBackoff) < 0) {
            throw new IllegalArgumentException(
                    "backoff must grow from a positive duration, but is " + initialBackoff + " to " + maxBackoff);
        }
        if (multiplier < 1) {
            throw new IllegalArgumentException("multiplier must be at least 1, but is " + multiplier);
        }
    }

    /** Four tries, 100 ms to 5 s apart. */
    public static RetryPolicy defaults() {
        return new RetryPolicy(4, Duration.ofMillis(100), Duration.ofSeconds(5), 2);
    }

    /** One try. */
    public static RetryPolicy none() {
        return new RetryPolicy(1, Duration.ZERO, Duration.ZERO, 1);
    }

    /** Whether a call that failed so, with no event delivered, may be made again after {@code attempts} tries. */
    boolean allows(EmuException failure, int attempts) {
        boolean mayPass = failure.code() == Status.Code.UNAVAILABLE
                || (failure.code() == Status.Code.RESOURCE_EXHAUSTED
                        && failure.retryAfter().isPresent());
        return attempts < maxAttempts && mayPass;
    }

    /**
     * Time to wait after {@code attempts} tries.
     *
     * @param jitter uniform in [0, 1): spreads the tries of many clients over half the backoff
     */
    Duration delay(EmuException failure, int attempts, double jitter) {
        return failure.retryAfter().orElseGet(() -> {
            double nanos = initialBackoff.toNanos() * Math.pow(multiplier, attempts - 1.0);
            double capped = Math.min(nanos, (double) maxBackoff.toNanos());
            return Duration.ofNanos((long) (capped * (0.5 + 0.5 * jitter)));
        });
    }
}
