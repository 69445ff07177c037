package io.dromaius.client;

import io.grpc.Status;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Coordinators of one cluster. Calls go to one of them for as long as it answers. Thread-safe. */
final class Endpoints {
    private final List<Endpoint> endpoints;
    private final AtomicInteger current = new AtomicInteger();
    private volatile boolean closed;

    Endpoints(List<Endpoint> endpoints) {
        this.endpoints = List.copyOf(endpoints);
    }

    Endpoint current() {
        return endpoints.get(current.get());
    }

    /** Turns to the next coordinator if {@code failed} could not be reached; a full queue is everyone's. */
    void avoid(Endpoint failed, EmuException failure) {
        int index = endpoints.indexOf(failed);
        if (failure.code() == Status.Code.UNAVAILABLE) {
            current.compareAndSet(index, (index + 1) % endpoints.size());
        }
    }

    /** Cancels calls in flight; none is to be begun again. */
    void close() {
        closed = true;
        endpoints.forEach(endpoint -> endpoint.channel().shutdownNow());
    }

    /** Throws that the call is cancelled, if the client is closed: no call is begun again then. */
    void requireOpen() {
        if (closed) {
            throw FailureDetails.of(Status.Code.CANCELLED, "the client is closed")
                    .toException(null);
        }
    }
}
