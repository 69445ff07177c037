package io.dromaius.coordinator.api;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.dromaius.node.rpc.FailureCode;
import io.dromaius.node.rpc.Failures;
import io.dromaius.proto.v1.GenerateResponse;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The events of one call on their way to its client: numbered, sent while the client reads, kept in a bounded buffer
 * while it does not. A client that lets the buffer overflow is cut off. Thread-safe; sending never blocks.
 */
final class AnswerStream {
    private final ServerCallStreamObserver<GenerateResponse> client;
    private final long maxBufferedBytes;
    private final Runnable onStalled;

    @GuardedBy("this")
    private final Deque<GenerateResponse> buffered = new ArrayDeque<>();

    @GuardedBy("this")
    private long bufferedBytes;

    @GuardedBy("this")
    private long next;

    @GuardedBy("this")
    private boolean completing;

    @GuardedBy("this")
    private boolean closed;

    /**
     * A stream to {@code client}, whose ready handler it takes; create it within the call's start.
     *
     * @param onStalled called once when the buffer overflows; the stream is closed by then
     */
    AnswerStream(ServerCallStreamObserver<GenerateResponse> client, long maxBufferedBytes, Runnable onStalled) {
        this.client = client;
        this.maxBufferedBytes = maxBufferedBytes;
        this.onStalled = onStalled;
        client.setOnReadyHandler(this::drain);
    }

    /** Numbers and sends an event; does nothing once closed. */
    void send(GenerateResponse.Builder event) {
        boolean stalled = false;
        synchronized (this) {
            if (closed || completing) {
                return;
            }
            GenerateResponse numbered = event.setNumber(next++).build();
            buffered.add(numbered);
            bufferedBytes += numbered.getSerializedSize();
            drain();
            if (bufferedBytes > maxBufferedBytes) {
                stalled = true;
                close(Failures.of(FailureCode.CLIENT_STALLED, "the client does not read its answer")
                        .build());
            }
        }
        if (stalled) {
            onStalled.run();
        }
    }

    /** Ends the call well, once everything buffered is sent. */
    synchronized void complete() {
        completing = true;
        drain();
    }

    /** Ends the call with a failure; what is still buffered is dropped. Does nothing once closed. */
    synchronized void fail(RuntimeException failure) {
        close(failure);
    }

    /** Whether any event was taken: from then on a lost pipeline cannot be hidden by calling again. */
    synchronized boolean begun() {
        return next > 0;
    }

    private synchronized void drain() {
        while (!closed && client.isReady() && !buffered.isEmpty()) {
            GenerateResponse event = buffered.remove();
            bufferedBytes -= event.getSerializedSize();
            client.onNext(event);
        }
        if (completing && buffered.isEmpty() && !closed) {
            closed = true;
            client.onCompleted();
        }
    }

    @GuardedBy("this")
    private void close(RuntimeException failure) {
        if (!closed) {
            closed = true;
            buffered.clear();
            client.onError(failure);
        }
    }
}
