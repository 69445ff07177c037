package io.dromaius.coordinator.api;

import com.google.protobuf.ByteString;
import io.dromaius.coordinator.vision.DecoderPool;
import io.dromaius.coordinator.vision.Drawing;
import io.dromaius.coordinator.vision.VisualEmbeddings;
import io.dromaius.proto.internal.v1.DrawDone;
import io.dromaius.proto.internal.v1.DrawProgress;
import io.dromaius.proto.internal.v1.DrawRequest;
import io.dromaius.proto.v1.GenerateResponse;
import io.dromaius.proto.v1.ImageChunk;
import io.dromaius.proto.v1.ImageDone;
import io.dromaius.proto.v1.ImageOptions;
import io.dromaius.proto.v1.ImagePreview;
import io.dromaius.proto.v1.ImageProgress;
import io.dromaius.proto.v1.ImageStarted;
import io.grpc.Context;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** One picture of an answer, from its embeddings to its last PNG chunk. Runs on the call's executor. */
final class PictureDrawing implements Drawing {
    private static final int CHUNK_BYTES = 256 << 10;

    /**
     * What a picture is drawn from.
     *
     * @param index 0, 1, ... within the answer
     * @param unconditional the other branch of guidance; null where there is no guidance
     */
    record Source(
            int index,
            ImageOptions options,
            long seed,
            VisualEmbeddings embeddings,
            @Nullable VisualEmbeddings unconditional) {}

    /** Hears the end of the picture, on the call's executor. */
    interface Outcome {
        void onDrawn();

        void onFailed(Throwable cause);
    }

    private final Source source;
    private final OrderedSections.Section section;
    private final Executor executor;
    private final Outcome outcome;
    private boolean started;
    private Context.@Nullable CancellableContext drawing;

    PictureDrawing(Source source, OrderedSections.Section section, Executor executor, Outcome outcome) {
        this.source = source;
        this.section = section;
        this.executor = executor;
        this.outcome = outcome;
    }

    /** Whether these options call for an unconditional branch. */
    static boolean guided(ImageOptions options) {
        return guidance(options) > 1;
    }

    private static float guidance(ImageOptions options) {
        return options.hasGuidanceScale() ? options.getGuidanceScale() : RequestLimits.DEFAULT_GUIDANCE;
    }

    /** Begins to draw, or ends at once where only the embeddings are wanted. */
    void start(DecoderPool decoders, String requestId) {
        ImageOptions options = source.options();
        if (options.getEmbeddingsOnly()) {
            finish(done(0, false));
            return;
        }
        ByteBuffer payload = payload();
        VisualEmbeddings embeddings = source.embeddings();
        DrawRequest request = DrawRequest.newBuilder()
                .setRequestId(requestId)
                .setGuidanceScale(guidance(options))
                .setSteps(options.hasSteps() ? options.getSteps() : RequestLimits.DEFAULT_DENOISE_STEPS)
                .setHeight(options.getHeight())
                .setWidth(options.getWidth())
                .setSeed(source.seed())
                .setPreviewEvery(options.getPreviewEvery())
                .setInitialLatents(options.getInitialLatents())
                .setDtype(embeddings.dtype())
                .addShape(source.unconditional() == null ? 1 : 2)
                .addShape(embeddings.tokens())
                .addShape(embeddings.width())
                .build();
        drawing = decoders.draw(request, payload, this);
    }

    /** Ends the drawing at its next step. */
    void cancel() {
        if (drawing != null) {
            drawing.cancel(null);
        }
    }

    @Override
    public void onProgress(DrawProgress progress) {
        executor.execute(() -> {
            if (!started) {
                started = true;
                section.tell(GenerateResponse.newBuilder()
                        .setImageStarted(ImageStarted.newBuilder()
                                .setImage(source.index())
                                .setHeight(progress.getHeight())
                                .setWidth(progress.getWidth())
                                .setSteps(progress.getSteps())));
            }
            section.tell(GenerateResponse.newBuilder()
                    .setImageProgress(ImageProgress.newBuilder()
                            .setImage(source.index())
                            .setStep(progress.getStep())
                            .setSteps(progress.getSteps())));
        });
    }

    @Override
    public void onPreview(int step, ByteString png) {
        executor.execute(() -> section.tell(GenerateResponse.newBuilder()
                .setImagePreview(ImagePreview.newBuilder()
                        .setImage(source.index())
                        .setStep(step)
                        .setPng(png))));
    }

    @Override
    public void onDone(DrawDone done) {
        executor.execute(() -> {
            ByteString png = done.getPng();
            for (int offset = 0; offset < png.size(); offset += CHUNK_BYTES) {
                section.tell(GenerateResponse.newBuilder()
                        .setImageChunk(ImageChunk.newBuilder()
                                .setImage(source.index())
                                .setOffset(offset)
                                .setData(png.substring(offset, Math.min(png.size(), offset + CHUNK_BYTES)))));
            }
            finish(done(png.size(), done.getFlagged()));
        });
    }

    @Override
    public void onFailed(Throwable cause) {
        executor.execute(() -> outcome.onFailed(cause));
    }

    private void finish(ImageDone.Builder done) {
        section.tell(GenerateResponse.newBuilder().setImageDone(done));
        section.end();
        cancel(); // frees the context; the call itself is over
        outcome.onDrawn();
    }

    private ImageDone.Builder done(int pngBytes, boolean flagged) {
        ImageDone.Builder done = ImageDone.newBuilder()
                .setImage(source.index())
                .setPngBytes(pngBytes)
                .setFlagged(flagged)
                .setSeed(source.seed());
        if (source.options().getReturnEmbeddings() || source.options().getEmbeddingsOnly()) {
            done.setEmbeddings(ByteString.copyFrom(source.embeddings().toFloat32()));
            VisualEmbeddings unconditional = source.unconditional();
            if (unconditional != null) {
                done.setUnconditionalEmbeddings(ByteString.copyFrom(unconditional.toFloat32()));
            }
        }
        return done;
    }

    private ByteBuffer payload() {
        VisualEmbeddings unconditional = source.unconditional();
        if (unconditional == null) {
            return source.embeddings().data();
        }
        ByteBuffer both = ByteBuffer.allocate(source.embeddings().bytes() + unconditional.bytes());
        return both.put(source.embeddings().data()).put(unconditional.data()).flip();
    }
}
