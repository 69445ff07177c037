package io.dromaius.encoder;

import com.google.common.base.Ticker;
import com.google.common.util.concurrent.ThreadFactoryBuilder;
import io.dromaius.encoder.media.MediaLimits;
import io.dromaius.encoder.media.MediaReader;
import io.dromaius.model.torch.Tensor;
import io.dromaius.model.vision.RgbImage;
import io.dromaius.model.vision.VisualEncoder;
import io.dromaius.node.ConfigException;
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
    private final EncoderWorkerConfig config;
    private final ImageBatcher batcher;
    private final ExecutorService readers;
    private final EncoderService service;

    /**
     * Takes over {@code encoder}.
     *
     * @param onDeath told when the compute thread or a reader dies
     */
    EncoderWorker(
            VisualEncoder encoder,
            EncoderWorkerConfig config,
            EncoderMetrics metrics,
            Ticker ticker,
            Thread.UncaughtExceptionHandler onDeath) {
        this.encoder = encoder;
        this.config = config;
        this.batcher = new ImageBatcher(PictureEncoder.of(encoder), config.batch(), metrics, ticker, onDeath);
        this.readers = Executors.newFixedThreadPool(
                config.readers(),
                new ThreadFactoryBuilder()
                        .setNameFormat("encoder-reader-%d")
                        .setUncaughtExceptionHandler(onDeath)
                        .build());
        this.service = new EncoderService(
                new MediaReader(MediaLimits.DEFAULT, encoder::preprocess),
                batcher,
                readers,
                config.calls(),
                metrics,
                ticker);
    }

    public BindableService service() {
        return service;
    }

    /**
     * Starts, and returns once a picture has gone through the model.
     *
     * @throws ConfigException naming the checkpoint, if what came out is not finite: every call would fail
     */
    @Override
    public void start() throws Exception {
        batcher.start();
        CompletableFuture<Boolean> finite = new CompletableFuture<>();
        batcher.submit(encoder.preprocess(RgbImage.black(1, 1)), new ImageBatcher.Listener() {
            @Override
            public boolean wanted() {
                return true;
            }

            @Override
            public void encoded(Tensor embeddings, int batch, long nanos) {
                finite.complete(embeddings.isFinite());
            }

            @Override
            public void skipped() {
                finite.completeExceptionally(new CancellationException());
            }

            @Override
            public void failed(Throwable cause) {
                finite.completeExceptionally(cause);
            }
        });
        if (!finite.get(CANARY_SECONDS, TimeUnit.SECONDS)) {
            throw new ConfigException("checkpoint: " + config.node().requiredCheckpoint()
                    + ": the embeddings of a picture on trial are not finite: its weights are damaged");
        }
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
