package io.dromaius.coordinator.intake;

import com.google.protobuf.MessageLite;
import io.dromaius.node.rpc.FailureCode;
import io.dromaius.node.rpc.Failures;
import io.dromaius.proto.v1.MessageBytes;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One call until its request is whole. What happens on several threads (the call's, the timer's, another call's that
 * made room) is decided by its place: who is told there that the request is whole, or refused, acts on it, and no
 * other.
 */
final class IncomingCall<Q, A> extends SimpleForwardingServerCall<Q, A> {
    private static final Metadata.Key<String> ENCODING =
            Metadata.Key.of("grpc-encoding", Metadata.ASCII_STRING_MARSHALLER);

    private final MessageIntake.Terms terms;
    private final MessageMeter meter;
    private final MessageBudget.Place place;
    private final boolean compressed;
    private final long claim;
    private boolean asked;
    private @Nullable Q message;
    private volatile @Nullable Future<?> waiting;
    private volatile @Nullable Future<?> receiving;

    /** Throws NumberFormatException if the headers say a length that is none. */
    IncomingCall(ServerCall<Q, A> call, Metadata headers, MessageIntake.Terms terms, MessageMeter meter) {
        super(call);
        this.terms = terms;
        this.meter = meter;
        String encoding = headers.get(ENCODING);
        this.compressed = encoding != null && !encoding.equals("identity");
        long largest = terms.budget().largest();
        long said = MessageBytes.in(headers).orElse(largest);
        // The bytes of what is compressed cannot be counted as they come, so nothing is taken on its word.
        this.claim = compressed ? largest : said;
        this.place = terms.budget().place(claim, this::receive);
    }

    MessageBudget.Place place() {
        return place;
    }

    /** The service asks at the call's start, for more than there can be; it gets one message. */
    @Override
    public void request(int messages) {
        if (asked) {
            return;
        }
        asked = true;
        switch (place.enter()) {
            case NOW -> receive();
            case LATER -> waiting = after(terms.patience(), this::receiveGrowing);
            case NEVER -> end(noRoom("too many calls wait for room for their messages"));
        }
    }

    private void receive() {
        receive(claim);
    }

    /** So many bytes may come before there is to be more room for them. */
    private void receive(long allowed) {
        meter.limit(allowed, this::grow);
        receiving = after(terms.timeout(), this::giveUp);
        super.request(1);
    }

    /** What is compressed may be of any size, however little of it is sent. */
    private void receiveGrowing() {
        if (compressed) {
            if (place.refuse()) {
                end(noRoom("no room for a compressed message now"));
            }
        } else if (place.receiveGrowing()) {
            receive(Math.min(terms.budget().small(), claim));
        }
    }

    private long grow(long received) {
        if (received > claim) {
            if (place.refuse()) {
                terms.timer().execute(() -> end(Failures.badField(MessageBytes.NAME, "says " + claim + ", more came")));
            }
            return Long.MAX_VALUE;
        }
        long allowed = place.grow(received);
        if (allowed >= 0) {
            return allowed;
        }
        terms.timer().execute(() -> end(noRoom("no room for a message so large now")));
        return Long.MAX_VALUE;
    }

    private void giveUp() {
        if (place.refuse()) {
            end(Failures.of(
                            FailureCode.DEADLINE,
                            "the request was not whole within "
                                    + terms.timeout().toMillis() + " ms")
                    .build());
        }
    }

    private StatusRuntimeException noRoom(String message) {
        terms.metrics().messageRefused();
        return Failures.of(FailureCode.QUEUE_FULL, message)
                .info("limit", Long.toString(terms.budget().load().limit()))
                .build();
    }

    private void end(StatusRuntimeException failure) {
        Metadata trailers = failure.getTrailers();
        close(failure.getStatus(), trailers == null ? new Metadata() : trailers);
    }

    private Future<?> after(Duration delay, Runnable action) {
        return terms.timer().schedule(action, delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void stopWatching() {
        Future<?> first = waiting;
        Future<?> second = receiving;
        if (first != null) {
            first.cancel(false);
        }
        if (second != null) {
            second.cancel(false);
        }
    }

    /** Keeps the message from the service until the request is whole. */
    ServerCall.Listener<Q> listener(ServerCall.Listener<Q> service) {
        return new SimpleForwardingServerCallListener<>(service) {
            @Override
            public void onMessage(Q received) {
                message = received;
                place.measured(((MessageLite) received).getSerializedSize());
            }

            @Override
            public void onHalfClose() {
                Q whole = message;
                message = null;
                if (whole == null) {
                    if (place.refuse()) {
                        end(Failures.badField("request", "has no message"));
                    }
                } else if (place.complete()) {
                    stopWatching();
                    super.onMessage(whole);
                    super.onHalfClose();
                }
            }

            @Override
            public void onCancel() {
                letGo();
                super.onCancel();
            }

            @Override
            public void onComplete() {
                letGo();
                super.onComplete();
            }

            private void letGo() {
                message = null;
                stopWatching();
                place.close();
            }
        };
    }
}
