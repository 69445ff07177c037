package io.dromaius.client;

import io.grpc.Status;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A call that failed. The subclass says what to do about it; the message is the cluster's own, fit for people. A call
 * fails once: when this is thrown, the retries that the client's {@link RetryPolicy} allows are used up.
 */
public class EmuException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient FailureDetails details;

    EmuException(FailureDetails details, @Nullable Throwable cause) {
        super(details.message(), cause);
        this.details = details;
    }

    /** Status of the gRPC call. */
    public Status.Code code() {
        return details.code();
    }

    /** Why, as an UPPER_SNAKE_CASE word for programs. */
    public Optional<String> reason() {
        return Optional.ofNullable(details.reason());
    }

    /** The time after which another try makes sense. */
    public Optional<Duration> retryAfter() {
        return Optional.ofNullable(details.retryAfter());
    }

    /** What else the cluster told, such as the limit that was reached or the member that was lost. */
    public Map<String, String> metadata() {
        return details.metadata();
    }

    FailureDetails details() {
        return details;
    }
}
