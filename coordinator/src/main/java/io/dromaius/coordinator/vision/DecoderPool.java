package io.dromaius.coordinator.vision;

import io.dromaius.node.rpc.FailureCode;
import io.dromaius.node.rpc.Failures;
import io.dromaius.proto.internal.v1.DrawRequest;
import io.dromaius.proto.internal.v1.DrawResponse;
import io.dromaius.wire.TensorFrame;
import io.dromaius.wire.WireMethods;
import io.grpc.CallOptions;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Draws pictures on decoder workers. As a picture depends on its request alone, one whose worker is gone is begun again
 * on another, unnoticed. Thread-safe.
 */
public final class DecoderPool {
    private static final int ATTEMPTS = 3;

    private final WorkerPool workers;
    private final Duration timeout;

    /** Draws on {@code workers}, each attempt within {@code timeout}. */
    public DecoderPool(WorkerPool workers, Duration timeout) {
        this.workers = workers;
        this.timeout = timeout;
    }

    /** Whether anybody could draw now. */
    public boolean available() {
        return workers.available();
    }

    /**
     * Draws what {@code request} asks for from {@code embeddings} (its payload, not written meanwhile). Cancelling the
     * returned context ends the picture at the next step; {@code drawing} then hears a failure.
     */
    public Context.CancellableContext draw(DrawRequest request, ByteBuffer embeddings, Drawing drawing) {
        Context.CancellableContext context = Context.ROOT.withCancellation();
        new Attempts(request, embeddings, drawing, context).next();
        return context;
    }

    private final class Attempts {
        private final DrawRequest request;
        private final ByteBuffer embeddings;
        private final Drawing drawing;
        private final Context.CancellableContext context;
        private final Set<String> tried = new HashSet<>();
        private int told;
        private int previewed;

        Attempts(DrawRequest request, ByteBuffer embeddings, Drawing drawing, Context.CancellableContext context) {
            this.request = request;
            this.embeddings = embeddings;
            this.drawing = drawing;
            this.context = context;
        }

        void next() {
            Optional<WorkerPool.Lease> free = workers.lease(tried);
            if (free.isEmpty()) {
                drawing.onFailed(Failures.of(
                                FailureCode.NO_CAPACITY,
                                tried.isEmpty() ? "no decoder worker" : "no decoder worker answers")
                        .build());
                return;
            }
            WorkerPool.Lease lease = free.get();
            tried.add(lease.member());
            CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS);
            context.run(() -> WireMethods.draw(
                    lease.channel(),
                    options,
                    TensorFrame.of(request, embeddings.duplicate(), () -> {}),
                    new Events(lease)));
        }

        private final class Events implements StreamObserver<DrawResponse> {
            private final WorkerPool.Lease lease;
            private boolean done;

            Events(WorkerPool.Lease lease) {
                this.lease = lease;
            }

            @Override
            public void onNext(DrawResponse response) {
                switch (response.getEventCase()) {
                    case PROGRESS -> {
                        if (response.getProgress().getStep() > told) {
                            told = response.getProgress().getStep();
                            drawing.onProgress(response.getProgress());
                        }
                    }
                    case PREVIEW -> {
                        if (response.getPreview().getStep() > previewed) {
                            previewed = response.getPreview().getStep();
                            drawing.onPreview(previewed, response.getPreview().getPng());
                        }
                    }
                    case DONE -> {
                        done = true;
                        drawing.onDone(response.getDone());
                    }
                    case EVENT_NOT_SET -> {} // a newer worker's event
                }
            }

            @Override
            public void onError(Throwable cause) {
                lease.close();
                boolean gone = Status.fromThrowable(cause).getCode() == Status.Code.UNAVAILABLE;
                if (done) {
                    return;
                }
                if (gone && tried.size() < ATTEMPTS) {
                    next();
                } else {
                    drawing.onFailed(cause);
                }
            }

            @Override
            public void onCompleted() {
                lease.close();
                if (!done) {
                    drawing.onFailed(Failures.of(FailureCode.PROTOCOL, "a decoder ended without a picture")
                            .build());
                }
            }
        }
    }
}
