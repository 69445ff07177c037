package io.dromaius.client;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.dromaius.proto.v1.GenerateRequest;
import io.dromaius.proto.v1.GenerateResponse;
import io.dromaius.proto.v1.GenerationServiceGrpc;
import io.dromaius.proto.v1.MessageBytes;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.Status;
import java.time.Duration;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One subscription to an answer: the call, its retries, and the demand carried from one try to the next. The subscriber
 * is called by one thread at a time; {@link #request} and {@link #cancel} come from any.
 */
final class GenerationCall implements Flow.Subscription {
    private static final String CANCELLED = "cancelled by the client";

    private final Connection connection;
    private final GenerateRequest request;
    private final Deadline deadline;
    private final Flow.Subscriber<? super GenerationEvent> subscriber;
    private final Object lock = new Object();

    @GuardedBy("lock")
    private long demand;

    @GuardedBy("lock")
    private boolean ended;

    /** While the subscriber reads an event. */
    @GuardedBy("lock")
    private boolean reading;

    /** What ended it meanwhile. */
    @GuardedBy("lock")
    private @Nullable Throwable untold;

    /** The last try that is over. */
    @GuardedBy("lock")
    private int closed;

    @GuardedBy("lock")
    private @Nullable ClientCall<GenerateRequest, GenerateResponse> call;

    GenerationCall(
            Connection connection,
            GenerateRequest request,
            Duration timeout,
            Flow.Subscriber<? super GenerationEvent> subscriber) {
        this.connection = connection;
        this.request = request;
        this.deadline = Deadline.after(timeout.toNanos(), TimeUnit.NANOSECONDS);
        this.subscriber = subscriber;
    }

    void start() {
        subscriber.onSubscribe(this);
        attempt(1);
    }

    @Override
    public void request(long events) {
        if (events <= 0) {
            fail(new IllegalArgumentException("request must be positive, but is " + events));
            return;
        }
        ClientCall<GenerateRequest, GenerateResponse> current;
        synchronized (lock) {
            demand = demand + events < 0 ? Long.MAX_VALUE : demand + events;
            current = call;
        }
        if (current != null) {
            current.request((int) Math.min(events, Integer.MAX_VALUE));
        }
    }

    @Override
    public void cancel() {
        ClientCall<GenerateRequest, GenerateResponse> current;
        synchronized (lock) {
            ended = true;
            current = call;
        }
        if (current != null) {
            current.cancel(CANCELLED, null);
        }
    }

    private void fail(Throwable failure) {
        boolean later;
        synchronized (lock) {
            if (ended) {
                return;
            }
            ended = true;
            later = reading;
            untold = failure;
        }
        cancel();
        if (!later) {
            subscriber.onError(failure);
        }
    }

    /** Whether it has ended only now. */
    private boolean end() {
        synchronized (lock) {
            boolean first = !ended;
            ended = true;
            return first;
        }
    }

    /** A call takes no message once it is cancelled, so until it is half-closed nobody but this method knows it. */
    private void attempt(int number) {
        if (ended()) {
            return;
        }
        Endpoint endpoint = connection.endpoints().current();
        ClientCall<GenerateRequest, GenerateResponse> started = endpoint.channel()
                .newCall(GenerationServiceGrpc.getGenerateMethod(), CallOptions.DEFAULT.withDeadline(deadline));
        started.start(new Attempt(number, endpoint, started), MessageBytes.of(request));
        started.sendMessage(request);
        started.halfClose();
        long initial;
        boolean cancelled;
        synchronized (lock) {
            cancelled = ended;
            // It may be over already, and the next try have begun.
            if (!ended && closed < number) {
                call = started;
            }
            initial = demand;
        }
        if (cancelled) {
            started.cancel(CANCELLED, null);
        } else if (initial > 0) {
            started.request((int) Math.min(initial, Integer.MAX_VALUE));
        }
    }

    private boolean ended() {
        synchronized (lock) {
            return ended;
        }
    }

    private void again(int number) {
        try {
            connection.endpoints().requireOpen();
            attempt(number);
        } catch (RuntimeException e) { // nobody waits for this thread
            fail(e);
        }
    }

    /** Callbacks of one try, made by one thread at a time. */
    private final class Attempt extends ClientCall.Listener<GenerateResponse> {
        private final int number;
        private final Endpoint endpoint;
        private final ClientCall<GenerateRequest, GenerateResponse> self;
        private final EventReader reader = new EventReader();
        private boolean delivered;

        Attempt(int number, Endpoint endpoint, ClientCall<GenerateRequest, GenerateResponse> self) {
            this.number = number;
            this.endpoint = endpoint;
            this.self = self;
        }

        @Override
        public void onMessage(GenerateResponse message) {
            GenerationEvent event;
            try {
                event = reader.read(message);
            } catch (EmuException e) {
                fail(e);
                return;
            }
            if (event == null) {
                self.request(1);
                return;
            }
            synchronized (lock) {
                if (ended) {
                    return;
                }
                demand = demand == Long.MAX_VALUE ? demand : demand - 1;
                reading = true;
            }
            delivered = true;
            try {
                subscriber.onNext(event);
            } finally {
                hasRead();
            }
        }

        /** One that throws while it reads hears of its failure all the same: gRPC ends the call for it. */
        private void hasRead() {
            Throwable failure;
            synchronized (lock) {
                reading = false;
                failure = untold;
            }
            if (failure != null) {
                subscriber.onError(failure);
            }
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            synchronized (lock) {
                if (ended) {
                    return;
                }
                call = null;
                closed = number;
            }
            if (status.isOk() && reader.finished()) {
                if (end()) {
                    subscriber.onComplete();
                }
                return;
            }
            Status failure = status.isOk() ? Status.DATA_LOSS.withDescription("the answer has no end") : status;
            EmuException exception = FailureDetails.exception(failure, trailers);
            Duration delay = connection.retryDelay(exception, number);
            if (delivered || delay == null || deadline.timeRemaining(TimeUnit.NANOSECONDS) <= delay.toNanos()) {
                fail(exception);
                return;
            }
            connection.endpoints().avoid(endpoint, exception);
            connection.schedule(() -> again(number + 1), delay);
        }
    }
}
