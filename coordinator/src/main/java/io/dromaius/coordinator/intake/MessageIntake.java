package io.dromaius.coordinator.intake;

import io.dromaius.node.rpc.Failures;
import io.dromaius.proto.v1.MessageBytes;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.LongConsumer;

/**
 * Has a call's one message received only while the {@link MessageBudget} has room for it.
 *
 * <p>A caller that says in {@link MessageBytes} how long its message is has no more set apart for it; one whose message
 * is longer than it said, or that said no number, gets INVALID_ARGUMENT. Until gRPC is asked for a message it buffers no
 * more of it than the stream's flow control window. A call that finds no room is asked for its message when there is
 * some. After {@code patience} it is asked anyway, and refused with RESOURCE_EXHAUSTED if its message outgrows what is
 * left; so is a call that finds no place to wait. A request that is not whole within {@code timeout} of being asked for
 * ends with DEADLINE_EXCEEDED, one that ends without a message with INVALID_ARGUMENT. The service hears of a request when
 * it is whole.
 *
 * <p>For services whose calls have one request message, on servers with {@link MessageMeter#factory}.
 */
public final class MessageIntake implements ServerInterceptor {
    private static final Context.Key<MessageBudget.Place> CURRENT = Context.key("message-place");

    /**
     * On what terms messages are let in.
     *
     * @param patience for room before a call is asked for its message without
     * @param timeout from being asked for its message to the request's end
     * @param timer runs what has to happen at a time
     */
    public record Terms(
            MessageBudget budget,
            Duration patience,
            Duration timeout,
            ScheduledExecutorService timer,
            IntakeMetrics metrics) {}

    private final Terms terms;

    public MessageIntake(Terms terms) {
        this.terms = terms;
    }

    /**
     * Of the call being served, what takes the number of its message's bytes that nothing refers to any more: they no
     * longer count. Any thread, before the call's end too, which releases what is left.
     */
    public static LongConsumer release() {
        MessageBudget.Place place = CURRENT.get();
        return place == null ? bytes -> {} : place::release;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        IncomingCall<Q, A> incoming;
        try {
            incoming = new IncomingCall<>(call, headers, terms, MessageMeter.current());
        } catch (NumberFormatException e) {
            StatusRuntimeException failure = Failures.badField(MessageBytes.NAME, "must be a number of bytes");
            call.close(failure.getStatus(), failure.getTrailers());
            return new ServerCall.Listener<>() {};
        }
        Context context = Context.current().withValue(CURRENT, incoming.place());
        return incoming.listener(Contexts.interceptCall(context, incoming, headers, next));
    }
}
