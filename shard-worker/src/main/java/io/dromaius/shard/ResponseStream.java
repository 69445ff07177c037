package io.dromaius.shard;

import io.dromaius.wire.TensorFrame;
import io.grpc.StatusRuntimeException;
import io.grpc.SynchronizationContext;
import io.grpc.stub.ServerCallStreamObserver;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The answering half of a call that several threads use: answers go out one after the other, the first end is the end, and
 * what comes after it is dropped. Any thread.
 */
final class ResponseStream<T> {
    private static final Logger log = LoggerFactory.getLogger(ResponseStream.class);

    private final ServerCallStreamObserver<T> call;
    private final SynchronizationContext context =
            new SynchronizationContext((thread, failure) -> log.error("an answer could not be given", failure));
    private volatile boolean ended;

    /**
     * To be made while the service's method runs.
     *
     * @param onCancel run when the caller has gone
     */
    ResponseStream(ServerCallStreamObserver<T> call, Runnable onCancel) {
        this.call = call;
        call.setOnCancelHandler(() -> {
            ended = true;
            onCancel.run();
        });
    }

    /** Sends, however much is waiting to be written. A frame is passed on to the call, or closed after the end. */
    void send(T message) {
        context.execute(() -> {
            if (!ended) {
                call.onNext(message);
            } else if (message instanceof TensorFrame<?> frame) {
                frame.close();
            }
        });
    }

    /** Sends unless much is waiting to be written. */
    void sendIfReady(T message) {
        if (isReady()) {
            send(message);
        }
    }

    boolean isReady() {
        return !ended && call.isReady();
    }

    /** Asks the caller for one more message. */
    void requestNext() {
        context.execute(() -> {
            if (!ended) {
                call.request(1);
            }
        });
    }

    void complete() {
        context.execute(() -> {
            if (!ended) {
                ended = true;
                call.onCompleted();
            }
        });
    }

    void fail(StatusRuntimeException failure) {
        context.execute(() -> {
            if (!ended) {
                ended = true;
                call.onError(failure);
            }
        });
    }

    boolean ended() {
        return ended;
    }
}
