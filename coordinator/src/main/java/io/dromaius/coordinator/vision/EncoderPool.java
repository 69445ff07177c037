package io.dromaius.coordinator.vision;

import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.common.util.concurrent.MoreExecutors;
import io.dromaius.node.rpc.FailureCode;
import io.dromaius.node.rpc.Failures;
import io.dromaius.proto.internal.v1.DType;
import io.dromaius.proto.internal.v1.EncodeRequest;
import io.dromaius.proto.internal.v1.EncodeResponse;
import io.dromaius.wire.TensorFrame;
import io.dromaius.wire.WireMethods;
import io.grpc.CallOptions;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** Encodes pictures and videos on encoder workers. A worker that is not there is replaced by another. Thread-safe. */
public final class EncoderPool {
    private static final int ATTEMPTS = 3;

    private final WorkerPool workers;
    private final Duration timeout;

    /** Encodes on {@code workers}, each attempt within {@code timeout}. */
    public EncoderPool(WorkerPool workers, Duration timeout) {
        this.workers = workers;
        this.timeout = timeout;
    }

    /**
     * The embeddings of {@code media}, computed in {@code dtype}. Fails with INVALID_ARGUMENT (field {@code data}) when
     * the bytes cannot be read, and with UNAVAILABLE when no worker is left to try. The work belongs to no one call: it
     * has its own deadline, and ends early only when the future is cancelled.
     */
    public ListenableFuture<VisualEmbeddings> encode(Media media, DType dtype, String requestId) {
        return attempt(media, dtype, requestId, new HashSet<>());
    }

    private ListenableFuture<VisualEmbeddings> attempt(Media media, DType dtype, String requestId, Set<String> tried) {
        Optional<WorkerPool.Lease> free = workers.lease(tried);
        if (free.isEmpty()) {
            return Futures.immediateFailedFuture(Failures.of(
                            FailureCode.NO_CAPACITY,
                            tried.isEmpty() ? "no encoder worker" : "no encoder worker answers")
                    .build());
        }
        WorkerPool.Lease lease = free.get();
        tried.add(lease.member());
        ListenableFuture<VisualEmbeddings> encoded = Futures.transform(
                call(lease, media, dtype, requestId), EncoderPool::read, MoreExecutors.directExecutor());
        encoded.addListener(lease::close, MoreExecutors.directExecutor());
        return Futures.catchingAsync(
                encoded,
                StatusRuntimeException.class,
                failure -> {
                    boolean gone = failure.getStatus().getCode() == Status.Code.UNAVAILABLE;
                    return gone && tried.size() < ATTEMPTS
                            ? attempt(media, dtype, requestId, tried)
                            : Futures.immediateFailedFuture(failure);
                },
                MoreExecutors.directExecutor());
    }

    private ListenableFuture<TensorFrame<EncodeResponse>> call(
            WorkerPool.Lease lease, Media media, DType dtype, String requestId) {
        EncodeRequest header = EncodeRequest.newBuilder()
                .setRequestId(requestId)
                .setKind(media.kind())
                .setFrames(media.frames())
                .setDtype(dtype)
                .build();
        ByteBuffer bytes = media.data().asReadOnlyByteBuffer();
        CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS);
        // Outside of the caller's context: others may share the result and must not share its deadline.
        Context.CancellableContext context = Context.ROOT.withCancellation();
        EncodeAnswer answer = new EncodeAnswer();
        answer.addListener(
                () -> {
                    if (answer.isCancelled()) {
                        context.cancel(null);
                    }
                },
                MoreExecutors.directExecutor());
        context.run(
                () -> WireMethods.encode(lease.channel(), options, TensorFrame.of(header, bytes, () -> {}), answer));
        return answer;
    }

    private static VisualEmbeddings read(TensorFrame<EncodeResponse> frame) {
        try (frame) {
            EncodeResponse header = frame.header();
            if (header.getShapeCount() != 3) {
                throw Failures.of(FailureCode.PROTOCOL, "an encoder answered with shape " + header.getShapeList())
                        .build();
            }
            ByteBuffer kept = ByteBuffer.allocate(frame.payloadBytes());
            kept.put(frame.payload()).flip();
            return new VisualEmbeddings(
                    header.getDtype(), header.getShape(0), header.getShape(1), header.getShape(2), kept);
        }
    }
}
