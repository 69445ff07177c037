package io.dromaius.decoder;

import com.google.common.base.Ticker;
import com.google.protobuf.ByteString;
import io.dromaius.model.diffusion.DrawSpec;
import io.dromaius.model.diffusion.Drawing;
import io.dromaius.model.diffusion.ImageDecoder;
import io.dromaius.model.diffusion.Picture;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.Tensor;
import io.dromaius.proto.internal.v1.DrawDone;
import io.dromaius.proto.internal.v1.DrawPreview;
import io.dromaius.proto.internal.v1.DrawProgress;
import io.dromaius.proto.internal.v1.DrawRequest;
import io.dromaius.proto.internal.v1.DrawResponse;
import io.dromaius.wire.TensorFrame;
import io.grpc.stub.ServerCallStreamObserver;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.Executor;

/**
 * A Draw call as a job. Owns the request's frame until the picture is begun or the call is over. Events are sent on the
 * executor, in order; previews are left out for a client that does not keep up. An event that cannot be sent ends the
 * call, and its picture is drawn no further.
 */
final class DrawCall implements DrawJob {
    private static final int MOST_UNREAD_PREVIEWS = 4;

    private final TensorFrame<DrawRequest> request;
    private final DrawSpec spec;
    private final Dtype dtype;
    private final ServerCallStreamObserver<DrawResponse> responses;
    private final Executor executor;
    private final Ticker ticker;
    private final long start;
    private int unreadPreviews;
    private volatile boolean broken;

    DrawCall(
            TensorFrame<DrawRequest> request,
            DrawSpec spec,
            Dtype dtype,
            ServerCallStreamObserver<DrawResponse> responses,
            Executor executor,
            Ticker ticker) {
        this.request = request;
        this.spec = spec;
        this.dtype = dtype;
        this.responses = responses;
        this.executor = executor;
        this.ticker = ticker;
        this.start = ticker.read();
    }

    @Override
    public DrawSpec spec() {
        return spec;
    }

    @Override
    public boolean isCancelled() {
        return broken || responses.isCancelled();
    }

    @Override
    public Drawing begin(ImageDecoder decoder) {
        DrawRequest header = request.header();
        long[] shape =
                header.getShapeList().stream().mapToLong(Integer::longValue).toArray();
        try (TensorFrame<DrawRequest> frame = request;
                Tensor embeddings = Tensor.wrap(dtype, shape, frame.payload());
                Tensor latents = latents(decoder, header)) {
            return decoder.begin(spec, embeddings, latents);
        }
    }

    @Override
    public boolean wantsPreview(int step) {
        int every = request.header().getPreviewEvery();
        if (every == 0 || step % every != 0) {
            return false;
        }
        unreadPreviews = responses.isReady() ? 0 : unreadPreviews + 1;
        return unreadPreviews <= MOST_UNREAD_PREVIEWS;
    }

    @Override
    public void stepped(int step) {
        DrawProgress progress = DrawProgress.newBuilder()
                .setStep(step)
                .setSteps(spec.steps())
                .setHeight(spec.height())
                .setWidth(spec.width())
                .build();
        send(() ->
                responses.onNext(DrawResponse.newBuilder().setProgress(progress).build()));
    }

    @Override
    public void previewed(int step, Picture preview) {
        send(() -> responses.onNext(DrawResponse.newBuilder()
                .setPreview(DrawPreview.newBuilder().setStep(step).setPng(png(preview)))
                .build()));
    }

    @Override
    public void done(Picture picture, int unetCalls) {
        long nanos = ticker.read() - start;
        send(() -> {
            responses.onNext(DrawResponse.newBuilder()
                    .setDone(DrawDone.newBuilder()
                            .setPng(png(picture))
                            .setFlagged(picture.flagged())
                            .setUnetCalls(unetCalls)
                            .setDrawNanos(nanos))
                    .build());
            responses.onCompleted();
        });
    }

    @Override
    public void failed(RuntimeException failure) {
        request.close();
        send(() -> responses.onError(failure));
    }

    @Override
    public void dropped() {
        request.close();
    }

    private void send(Runnable message) {
        executor.execute(() -> {
            if (isCancelled()) {
                return;
            }
            try {
                message.run();
            } catch (RuntimeException e) {
                giveUp(e);
            } catch (Error e) {
                // The thread dies of it, and this call does not wait for whoever hears of that.
                giveUp(e);
                throw e;
            }
        });
    }

    private void giveUp(Throwable cause) {
        broken = true;
        responses.onError(cause);
    }

    private Tensor latents(ImageDecoder decoder, DrawRequest header) {
        ByteString given = header.getInitialLatents();
        if (given.isEmpty()) {
            return decoder.noise(spec, header.getSeed());
        }
        ByteBuffer memory = ByteBuffer.allocateDirect(given.size()).order(ByteOrder.LITTLE_ENDIAN);
        given.copyTo(memory);
        return Tensor.wrap(Dtype.FP32, decoder.latentShape(spec), memory.flip());
    }

    private static ByteString png(Picture picture) {
        return ByteString.copyFrom(picture.image().toPng());
    }
}
