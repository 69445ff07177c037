package io.dromaius.encoder;

import io.dromaius.model.torch.Device;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.Tensor;
import io.dromaius.node.rpc.FailureCode;
import io.dromaius.node.rpc.Failures;
import io.dromaius.proto.internal.v1.EncodeResponse;
import io.dromaius.wire.TensorBuffer;
import io.dromaius.wire.TensorBuffers;
import io.dromaius.wire.TensorFrame;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * One call while its pictures run: gathers their embeddings and answers when the last one is there. Guarded by itself: the
 * compute thread uses it, and, when the worker is stopped, whoever finds its pictures still waiting.
 */
final class EncodeCall {

    private final ServerCallStreamObserver<TensorFrame<EncodeResponse>> response;
    private final int pictures;
    private final Optional<Dtype> wantedDtype;
    private final Runnable ended;

    private @Nullable TensorBuffer payload;
    private int gathered;
    private int largestBatch;
    private long nanos;
    private boolean over;

    /** {@code wantedDtype}: empty for whatever the model computes in. {@code ended} runs once, when the call is answered or given up. */
    EncodeCall(
            ServerCallStreamObserver<TensorFrame<EncodeResponse>> response,
            int pictures,
            Optional<Dtype> wantedDtype,
            Runnable ended) {
        this.response = response;
        this.pictures = pictures;
        this.wantedDtype = wantedDtype;
        this.ended = ended;
    }

    /** The listener of picture {@code index}. */
    ImageBatcher.Listener picture(int index) {
        return new ImageBatcher.Listener() {
            @Override
            public boolean wanted() {
                return isWanted();
            }

            @Override
            public void encoded(Tensor embeddings, int batch, long batchNanos) {
                gather(index, embeddings, batch, batchNanos);
            }

            @Override
            public void skipped() {
                end();
            }

            @Override
            public void failed(Throwable cause) {
                fail(cause);
            }
        };
    }

    private synchronized boolean isWanted() {
        return !over && !response.isCancelled();
    }

    private synchronized void gather(int index, Tensor embeddings, int batch, long batchNanos) {
        if (over) {
            return;
        }
        Dtype dtype = wantedDtype.orElse(embeddings.dtype());
        if (dtype == embeddings.dtype()) {
            store(index, embeddings);
        } else {
            try (Tensor converted = embeddings.to(Device.CPU, dtype)) {
                store(index, converted);
            }
        }
        largestBatch = Math.max(largestBatch, batch);
        nanos += batchNanos;
        if (++gathered == pictures) {
            answer(embeddings.shape(), dtype);
        }
    }

    private void store(int index, Tensor embeddings) {
        if (!embeddings.isFinite()) {
            throw Failures.notFinite("the embeddings of this picture are not finite");
        }
        int bytes = embeddings.bytes().remaining();
        if (payload == null) {
            payload = TensorBuffers.shared().lend(Math.multiplyExact(pictures, bytes));
        }
        payload.bytes().position(index * bytes).put(embeddings.bytes());
    }

    private void answer(long[] shapeOfOne, Dtype dtype) {
        EncodeResponse header = EncodeResponse.newBuilder()
                .setComputeNanos(nanos)
                .setBatch(largestBatch)
                .setDtype(PayloadType.toWire(dtype))
                .addShape(pictures)
                .addShape((int) shapeOfOne[1])
                .addShape((int) shapeOfOne[2])
                .build();
        TensorBuffer whole = payload;
        payload = null;
        if (whole == null) {
            throw new IllegalStateException("a call without pictures");
        }
        response.onNext(TensorFrame.of(header, whole));
        response.onCompleted();
        end();
    }

    private synchronized void fail(Throwable cause) {
        if (over) {
            return;
        }
        end();
        response.onError(
                cause instanceof CancellationException
                        ? Failures.of(FailureCode.DRAINING, "the encoder is being stopped")
                                .build()
                        : cause);
    }

    private synchronized void end() {
        if (over) {
            return;
        }
        over = true;
        if (payload != null) {
            payload.close();
            payload = null;
        }
        ended.run();
    }
}
