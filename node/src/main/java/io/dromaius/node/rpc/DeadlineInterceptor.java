package io.dromaius.node.rpc;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Deadline;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Gives a call without deadline the default one, and shortens one that is over the longest allowed.
 *
 * <p>The deadline is that of the call's {@link Context}, so calls made from it inherit it. When it passes, the call ends
 * with {@link FailureCode#DEADLINE}, the context is cancelled, the service hears {@code onCancel}, and what it still
 * sends is dropped.
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
        LimitedCall<Q, A> limited = new LimitedCall<>(call, limit);
        context.addListener(
                cancelled -> {
                    if (cancelled.cancellationCause() instanceof TimeoutException) {
                        limited.expire();
                    }
                },
                Runnable::run);
        return new SimpleForwardingServerCallListener<>(Contexts.interceptCall(context, limited, headers, next)) {
            @Override
            public void onComplete() {
                context.cancel(null);
                if (limited.isCancelled()) {
                    super.onCancel();
                } else {
                    super.onComplete();
                }
            }

            @Override
            public void onCancel() {
                context.cancel(null);
                super.onCancel();
            }
        };
    }

    /** A call that the service's thread and the timer's may end, whichever comes first. */
    private static final class LimitedCall<Q, A> extends SimpleForwardingServerCall<Q, A> {
        private final Duration limit;
        private boolean closed;
        private volatile boolean expired;

        LimitedCall(ServerCall<Q, A> delegate, Duration limit) {
            super(delegate);
            this.limit = limit;
        }

        synchronized void expire() {
            if (!closed) {
                expired = true;
                closed = true;
                StatusRuntimeException failure = Failures.of(
                                FailureCode.DEADLINE, "the call took longer than " + limit.toMillis() + " ms")
                        .build();
                @Nullable Metadata trailers = failure.getTrailers();
                super.close(failure.getStatus(), trailers == null ? new Metadata() : trailers);
            }
        }

        @Override
        public synchronized void sendHeaders(Metadata headers) {
            if (!expired) {
                super.sendHeaders(headers);
            }
        }

        @Override
        public synchronized void sendMessage(A message) {
            if (!expired) {
                super.sendMessage(message);
            }
        }

        @Override
        public synchronized void close(Status status, Metadata trailers) {
            if (!expired) {
                closed = true;
                super.close(status, trailers);
            }
        }

        @Override
        public boolean isCancelled() {
            return expired || super.isCancelled();
        }
    }
}
