package io.dromaius.node.rpc;

import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * Gives each call a request id and sees to it that nothing but a proper status leaves the process.
 *
 * <p>A status that a service throws, or passes to {@code onError}, goes out as it is. Anything else is a bug: it is
 * logged, here and once, and the caller gets INTERNAL with the request id and nothing of the exception. Bytes that are
 * no message of the request's type are the caller's error.
 */
public final class FailureInterceptor implements ServerInterceptor {
    private static final Logger log = LoggerFactory.getLogger(FailureInterceptor.class);

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        String requestId = RequestIds.of(headers);
        StatusOnlyCall<Q, A> guarded = new StatusOnlyCall<>(call, requestId);
        ServerCall.Listener<Q> listener;
        try (MDC.MDCCloseable ignored = MDC.putCloseable(RequestIds.MDC_KEY, requestId)) {
            try {
                listener = Contexts.interceptCall(
                        Context.current().withValue(RequestIds.CONTEXT, requestId), guarded, headers, next);
            } catch (RuntimeException e) {
                guarded.fail(e);
                return new ServerCall.Listener<>() {};
            }
        }
        return new GuardedListener<>(listener, guarded, requestId);
    }

    /** Turns the UNKNOWN that grpc makes of an exception passed to {@code onError} into INTERNAL. */
    private static final class StatusOnlyCall<Q, A> extends SimpleForwardingServerCall<Q, A> {
        private final String requestId;
        private volatile boolean closed;
        private boolean failed;

        StatusOnlyCall(ServerCall<Q, A> delegate, String requestId) {
            super(delegate);
            this.requestId = requestId;
        }

        @Override
        public void close(Status status, Metadata trailers) {
            closed = true;
            Throwable bug = status.getCause();
            if (status.getCode() == Status.Code.UNKNOWN && bug != null) {
                closeWithInternal(bug);
            } else {
                super.close(status, trailers);
            }
        }

        void fail(RuntimeException e) {
            failed = true;
            if (closed) {
                log.error(
                        "{} failed after its call was closed",
                        getMethodDescriptor().getFullMethodName(),
                        e);
            } else if (e.getCause() instanceof InvalidProtocolBufferException unreadable) {
                close(Failures.badField("request", "is no message of its type: " + unreadable.getMessage()));
            } else if (e instanceof StatusRuntimeException failure) {
                close(failure);
            } else {
                closed = true;
                closeWithInternal(e);
            }
        }

        private void close(StatusRuntimeException failure) {
            Metadata trailers = failure.getTrailers();
            close(failure.getStatus(), trailers == null ? new Metadata() : trailers);
        }

        private void closeWithInternal(Throwable bug) {
            log.error("{} failed", getMethodDescriptor().getFullMethodName(), bug);
            StatusRuntimeException failure = Failures.of(
                            FailureCode.INTERNAL, "internal error; the log has it under request id " + requestId)
                    .info("request_id", requestId)
                    .build();
            Metadata trailers = failure.getTrailers();
            super.close(failure.getStatus(), trailers == null ? new Metadata() : trailers);
        }
    }

    private static final class GuardedListener<Q> extends SimpleForwardingServerCallListener<Q> {
        private final StatusOnlyCall<Q, ?> call;
        private final String requestId;

        GuardedListener(ServerCall.Listener<Q> delegate, StatusOnlyCall<Q, ?> call, String requestId) {
            super(delegate);
            this.call = call;
            this.requestId = requestId;
        }

        @Override
        public void onMessage(Q message) {
            guardUnlessClosed(() -> super.onMessage(message));
        }

        @Override
        public void onHalfClose() {
            guardUnlessClosed(super::onHalfClose);
        }

        @Override
        public void onCancel() {
            guard(super::onCancel);
        }

        @Override
        public void onComplete() {
            guard(super::onComplete);
        }

        @Override
        public void onReady() {
            guardUnlessClosed(super::onReady);
        }

        /** Of a call that failed, the service hears only that it has ended. */
        private void guardUnlessClosed(Runnable event) {
            if (!call.failed) {
                guard(event);
            }
        }

        private void guard(Runnable event) {
            try (MDC.MDCCloseable ignored = MDC.putCloseable(RequestIds.MDC_KEY, requestId)) {
                try {
                    event.run();
                } catch (RuntimeException e) {
                    call.fail(e);
                }
            }
        }
    }
}
