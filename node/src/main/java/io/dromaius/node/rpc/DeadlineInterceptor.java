package io.dromaius.node.rpc;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Gives a call without deadline the default one, and shortens one that is over the longest allowed.
 *
 * <p>The deadline is that of the call's {@link Context}: calls made from it inherit it, and the context is cancelled
 * when it passes. The service ends the call, with {@link FailureCode#DEADLINE}, when it sees that.
 */
public final class DeadlineInterceptor implements ServerInterceptor {
    private final Duration byDefault;
    private final Duration longest;
    private final ScheduledExecutorService timer;

    public DeadlineInterceptor(Duration byDefault, Duration longest, ScheduledExecutorService timer) {
        if (byDefault.compareTo(longest) > 0) {
            throw new IllegalArgumentException("the default deadline is over the longest allowed");
        }
        this.byDefault = byDefault;
        this.longest = longest;
        this.timer = timer;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        Deadline given = Context.current().getDeadline();
        Duration limit = given == null ? byDefault : longest;
        Deadline deadline = Deadline.after(limit.toNanos(), TimeUnit.NANOSECONDS);
        if (given != null && !deadline.isBefore(given)) {
            return next.startCall(call, headers);
        }
        Context.CancellableContext context = Context.current().withDeadline(deadline, timer);
        return Contexts.interceptCall(context, call, headers, next);
    }
}
