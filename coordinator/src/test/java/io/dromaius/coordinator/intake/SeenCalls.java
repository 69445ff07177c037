package io.dromaius.coordinator.intake;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Hears of calls' beginnings and ends after everybody else on the server has. */
final class SeenCalls implements ServerInterceptor {
    private final Semaphore begun = new Semaphore(0);
    private final Semaphore ended = new Semaphore(0);

    void awaitBegun(int calls) throws InterruptedException {
        await(begun, calls, "begin");
    }

    void awaitEnded(int calls) throws InterruptedException {
        await(ended, calls, "end");
    }

    private static void await(Semaphore seen, int calls, String what) throws InterruptedException {
        assertThat(seen.tryAcquire(calls, 200, TimeUnit.SECONDS))
                .as("%s calls %s", calls, what)
                .isTrue();
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        ServerCall.Listener<Q> listener = next.startCall(call, headers);
        begun.release();
        return new SimpleForwardingServerCallListener<>(listener) {
            @Override
            public void onComplete() {
                super.onComplete();
                ended.release();
            }

            @Override
            public void onCancel() {
                super.onCancel();
                ended.release();
            }
        };
    }
}
