package io.dromaius.encoder;

import com.google.common.base.Ticker;
import com.google.common.util.concurrent.ThreadFactoryBuilder;
import io.dromaius.encoder.media.MediaLimits;
import io.dromaius.encoder.media.MediaReader;
import io.dromaius.model.torch.Tensor;
import io.dromaius.model.vision.RgbImage;
import io.dromaius.model.vision.VisualEncoder;
import io.dromaius.node.Node;
import io.grpc.BindableService;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * An encoder without the process around it: its service, its reader threads and its compute thread. It is a part of the node that
 * comes before the server, because calls in progress need it until they have ended.
 */
public final class EncoderWorker implements Node.Part {

    private static final long CANARY_SECONDS = 120;
    private static final long CLOSE_SECONDS = 10;

    private final VisualEncoder encoder;
    private final ImageBatcher batcher;
    private final ExecutorService readers;
    private final EncoderService service;

    /**
     * Takes over {@code encoder}.
     *
     * @param onDeath told when the compute thread dies
     */
    EncoderWorker(
            VisualEncoder encoder,
            int batch,
            int calls,
            int readerThreads,
            EncoderMetrics metrics,
            Ticker ticker,
            Thread.UncaughtExceptionHandler onDeath) {
        this.encoder = encoder;
        this.batcher = new ImageBatcher(PictureEncoder.of(encoder), batch, metrics, ticker, onDeath);
        this.readers = Executors.newFixedThreadPool(
                readerThreads,
                new ThreadFactoryBuilder().setNameFormat("encoder-reader-%d").build());
        this.service = new EncoderService(
                new MediaReader(MediaLimits.DEFAULT, encoder::preprocess), batcher, readers, calls, metrics, ticker);
    }

    public BindableService service() {
        return service;
    }

    /** Starts, and returns once a picture has gone through the model. */
    @Override
    public void start() throws Exception {
        batcher.start();
        CompletableFuture<Integer> ran = new CompletableFuture<>();
        batcher.submit(encoder.preprocess(RgbImage.black(1, 1)), new ImageBatcher.Listener() {
            @Override
            public boolean wanted() {
                return true;
            }

            @Override
            public void encoded(Tensor embeddings, int batch, long nanos) {
                ran.complete(batch);
            }

            @Override
            public void skipped() {
                ran.completeExceptionally(new CancellationException());
            }

            @Override
            public void failed(Throwable cause) {
                ran.completeExceptionally(cause);
            }
        });
        ran.get(CANARY_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void close() throws InterruptedException {
        readers.shutdownNow();
        if (!readers.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException("a picture is still being read");
        }
        batcher.close();
    }
}
