package io.dromaius.encoder;

import com.google.common.base.Ticker;
import io.dromaius.encoder.media.MediaException;
import io.dromaius.encoder.media.MediaReader;
import io.dromaius.node.rpc.FailureCode;
import io.dromaius.node.rpc.Failures;
import io.dromaius.proto.internal.v1.DType;
import io.dromaius.proto.internal.v1.EncodeRequest;
import io.dromaius.proto.internal.v1.EncodeResponse;
import io.dromaius.wire.TensorEncoderService;
import io.dromaius.wire.TensorFrame;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;

/**
 * Reads what a call brings on the reader threads and hands the prepared pictures to the batcher, so bytes that cannot be read never
 * come near another call's pictures. Calls in progress are bounded; one too many is refused with RESOURCE_EXHAUSTED.
 */
final class EncoderService implements TensorEncoderService {

    /** Frames of a video when the call does not say; the reference's number. */
    private static final int DEFAULT_FRAMES = 8;

    private final MediaReader media;
    private final ImageBatcher batcher;
    private final Executor readers;
    private final int maxCalls;
    private final Semaphore places;
    private final EncoderMetrics metrics;
    private final Ticker ticker;

    /** Borrows everything; {@code readers} may have any number of threads. */
    EncoderService(
            MediaReader media,
            ImageBatcher batcher,
            Executor readers,
            int maxCalls,
            EncoderMetrics metrics,
            Ticker ticker) {
        this.media = media;
        this.batcher = batcher;
        this.readers = readers;
        this.maxCalls = maxCalls;
        this.places = new Semaphore(maxCalls);
        this.metrics = metrics;
        this.ticker = ticker;
    }

    @Override
    public void encode(TensorFrame<EncodeRequest> request, StreamObserver<TensorFrame<EncodeResponse>> response) {
        ServerCallStreamObserver<TensorFrame<EncodeResponse>> call =
                (ServerCallStreamObserver<TensorFrame<EncodeResponse>>) response;
        // With a handler, answering a cancelled call does nothing instead of throwing.
        call.setOnCancelHandler(() -> {});
        if (!places.tryAcquire()) {
            request.close();
            call.onError(Failures.of(FailureCode.QUEUE_FULL, maxCalls + " pictures are being encoded")
                    .build());
            return;
        }
        try {
            readers.execute(() -> read(request, call));
        } catch (RuntimeException | Error e) {
            request.close();
            places.release();
            throw e;
        }
    }

    private void read(TensorFrame<EncodeRequest> request, ServerCallStreamObserver<TensorFrame<EncodeResponse>> call) {
        List<ByteBuffer> pictures;
        try (request) {
            pictures = prepare(request, call);
        } catch (MediaException e) {
            metrics.mediaRefused(request.header().getKind());
            giveUp(call, Failures.badField("data", e.reason()));
            return;
        } catch (RuntimeException e) {
            giveUp(call, e);
            return;
        } catch (Error e) {
            // No picture's fault: the thread dies of it, and this call does not wait for whoever hears of that.
            giveUp(call, e);
            throw e;
        }
        EncodeCall gathering = new EncodeCall(
                call, pictures.size(), PayloadType.of(request.header().getDtype()), places::release);
        for (int i = 0; i < pictures.size(); i++) {
            batcher.submit(pictures.get(i), gathering.picture(i));
        }
    }

    private void giveUp(ServerCallStreamObserver<TensorFrame<EncodeResponse>> call, Throwable cause) {
        places.release();
        call.onError(cause);
    }

    private List<ByteBuffer> prepare(
            TensorFrame<EncodeRequest> request, ServerCallStreamObserver<TensorFrame<EncodeResponse>> call)
            throws MediaException {
        EncodeRequest header = request.header();
        if (header.getDtype() == DType.UNRECOGNIZED) {
            throw Failures.badField("dtype", "is not known");
        }
        long start = ticker.read();
        List<ByteBuffer> pictures =
                switch (header.getKind()) {
                    case KIND_IMAGE -> List.of(media.picture(request.payload()));
                    case KIND_VIDEO -> media.video(request.payload(), frames(header), call::isCancelled);
                    case KIND_UNSPECIFIED, UNRECOGNIZED -> throw Failures.badField("kind", "must be image or video");
                };
        metrics.mediaRead(header.getKind(), ticker.read() - start);
        return pictures;
    }

    private int frames(EncodeRequest header) {
        int frames = header.getFrames() == 0 ? DEFAULT_FRAMES : header.getFrames();
        if (frames < 1 || frames > media.limits().shownFrames()) {
            throw Failures.badField(
                    "frames", "must be at most " + media.limits().shownFrames());
        }
        return frames;
    }
}
