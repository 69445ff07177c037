package io.dromaius.client;

import io.grpc.Channel;
import io.grpc.Deadline;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Blocking unary calls with the client's retries. */
final class UnaryCalls {
    private final Connection connection;

    UnaryCalls(Connection connection) {
        this.connection = connection;
    }

    /** A call on a channel, to be over by {@code deadline}. */
    interface Call<T> {
        T on(Channel channel, Deadline deadline);
    }

    <T> T call(Call<T> call, Duration timeout) {
        Deadline deadline = Deadline.after(timeout.toNanos(), TimeUnit.NANOSECONDS);
        for (int attempt = 1; ; attempt++) {
            Endpoint endpoint = connection.endpoints().current();
            try {
                return call.on(endpoint.channel(), deadline);
            } catch (StatusRuntimeException e) {
                EmuException failure = FailureDetails.exception(e.getStatus().withCause(e), e.getTrailers());
                Duration delay = connection.retryDelay(failure, attempt);
                if (delay == null || deadline.timeRemaining(TimeUnit.NANOSECONDS) <= delay.toNanos()) {
                    throw failure;
                }
                connection.endpoints().avoid(endpoint, failure);
                pause(delay);
                connection.endpoints().requireOpen();
            }
        }
    }

    private static void pause(Duration delay) {
        try {
            TimeUnit.NANOSECONDS.sleep(delay.toNanos());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw FailureDetails.of(Status.Code.CANCELLED, "interrupted before the next try")
                    .toException(e);
        }
    }
}
