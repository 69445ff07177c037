package io.dromaius.coordinator.api;

import com.google.common.base.Ticker;
import com.google.common.util.concurrent.MoreExecutors;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.dromaius.node.rpc.FailureCode;
import io.dromaius.node.rpc.Failures;
import io.dromaius.proto.v1.GenerateResponse;
import io.grpc.Context;
import io.grpc.stub.ServerCallStreamObserver;

/**
 * The events of one call on their way to its client: numbered, sent while the client reads, kept while it does not,
 * except previews, since a newer one follows. A client that leaves too many is cut off. Nothing is kept longer than the
 * call's context lasts, be the answer finished or not. Thread-safe; sending never blocks.
 */
final class AnswerStream {
    private final ServerCallStreamObserver<GenerateResponse> client;

    /** Refers to the call and all that it holds, so it is let go when the call ends; gRPC keeps the stream longer. */
    @GuardedBy("this")
    private Runnable onStalled;

    @GuardedBy("this")
    private final UnreadEvents unread;

    @GuardedBy("this")
    private long next;

    @GuardedBy("this")
    private boolean completing;

    @GuardedBy("this")
    private boolean closed;

    /**
     * A stream to {@code client}, whose ready handler it takes; create it within the call's start and context.
     *
     * @param onStalled called once when the client is cut off; the stream is closed by then
     */
    AnswerStream(
            ServerCallStreamObserver<GenerateResponse> client,
            long maxBufferedBytes,
            Ticker ticker,
            Runnable onStalled) {
        this.client = client;
        this.onStalled = onStalled;
        this.unread = new UnreadEvents(maxBufferedBytes, ticker);
        client.setOnReadyHandler(this::drain);
        Context.current().addListener(this::contextEnded, MoreExecutors.directExecutor());
    }

    /** Numbers and sends an event; does nothing once closed. */
    void send(GenerateResponse.Builder event) {
        Runnable afterwards = () -> {};
        synchronized (this) {
            if (closed || completing) {
                return;
            }
            drain();
            if (event.hasImagePreview() && !client.isReady()) {
                return;
            }
            unread.add(event.setNumber(next++).build());
            drain();
            if (unread.tooMany()) {
                afterwards = onStalled;
                close(Failures.of(FailureCode.CLIENT_STALLED, "the client does not read its answer")
                        .build());
            }
        }
        afterwards.run();
    }

    /** Ends the call well, once everything is sent. */
    synchronized void complete() {
        completing = true;
        onStalled = () -> {};
        drain();
    }

    /** Ends the call with a failure; what is not sent yet is dropped. Does nothing once closed. */
    synchronized void fail(RuntimeException failure) {
        close(failure);
    }

    /** Whether any event was taken: from then on a lost pipeline cannot be hidden by calling again. */
    synchronized boolean begun() {
        return next > 0;
    }

    private synchronized void contextEnded(Context ended) {
        close(CallFailures.ended(ended));
    }

    private synchronized void drain() {
        while (!closed && client.isReady() && !unread.isEmpty()) {
            client.onNext(unread.take());
        }
        if (completing && unread.isEmpty() && !closed) {
            closed = true;
            client.onCompleted();
        }
    }

    @GuardedBy("this")
    private void close(RuntimeException failure) {
        if (!closed) {
            closed = true;
            onStalled = () -> {};
            unread.clear();
            client.onError(failure);
        }
    }
}
