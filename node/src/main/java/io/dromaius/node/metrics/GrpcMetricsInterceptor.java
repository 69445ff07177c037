package io.dromaius.node.metrics;

import com.google.common.base.Ticker;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;

/** Counts and times the calls that a server serves, by method and status code. A stream is one call. */
public final class GrpcMetricsInterceptor implements ServerInterceptor {
    private static final double NANOS = 1e9;

    private final Metrics.Counter calls;
    private final Metrics.Histogram latency;
    private final Metrics.Gauge inFlight;
    private final Ticker ticker;

    public GrpcMetricsInterceptor(Metrics metrics) {
        this(metrics, Ticker.systemTicker());
    }

    GrpcMetricsInterceptor(Metrics metrics, Ticker ticker) {
        this.calls = metrics.counter("dromaius_grpc_calls_total", "Calls ended.", "method", "code");
        this.latency = metrics.seconds("dromaius_grpc_call_seconds", "How long calls took.", "method");
        this.inFlight = metrics.gauge("dromaius_grpc_calls_in_flight", "Calls being served.", "method");
        this.ticker = ticker;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        String method = call.getMethodDescriptor().getFullMethodName();
        long start = ticker.read();
        inFlight.add(1, method);
        Measured<Q, A> measured = new Measured<>(call);
        return new SimpleForwardingServerCallListener<>(next.startCall(measured, headers)) {
            @Override
            public void onComplete() {
                ended(measured.code);
                super.onComplete();
            }

            @Override
            public void onCancel() {
                ended(Status.Code.CANCELLED);
                super.onCancel();
            }

            private void ended(Status.Code code) {
                inFlight.add(-1, method);
                calls.add(1, method, code.name());
                latency.observe((ticker.read() - start) / NANOS, method);
            }
        };
    }

    private static final class Measured<Q, A> extends SimpleForwardingServerCall<Q, A> {
        private volatile Status.Code code = Status.Code.UNKNOWN;

        Measured(ServerCall<Q, A> delegate) {
            super(delegate);
        }

        @Override
        public void close(Status status, Metadata trailers) {
            code = status.getCode();
            super.close(status, trailers);
        }
    }
}
