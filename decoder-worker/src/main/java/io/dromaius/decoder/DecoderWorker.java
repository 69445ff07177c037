package io.dromaius.decoder;

import com.google.common.base.Ticker;
import com.google.common.util.concurrent.ThreadFactoryBuilder;
import io.dromaius.model.diffusion.DrawSpec;
import io.dromaius.model.diffusion.Drawing;
import io.dromaius.model.diffusion.ImageDecoder;
import io.dromaius.model.diffusion.NotFiniteException;
import io.dromaius.model.torch.Tensor;
import io.dromaius.node.ConfigException;
import io.dromaius.node.Node;
import io.dromaius.node.rpc.FailureCode;
import io.dromaius.node.rpc.Failures;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The compute thread of a decoder worker, with the model it has loaded and the queue it draws from; and a second thread that
 * packs pictures and talks to clients, so that the first does nothing but draw.
 */
final class DecoderWorker implements Node.Part {
    private static final Logger log = LoggerFactory.getLogger(DecoderWorker.class);
    private static final Duration LOAD_TIMEOUT = Duration.ofMinutes(30);
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(5);
    /** Latents of the canary, per side: enough for four resolutions. */
    private static final int CANARY_LATENTS = 8;

    private final Supplier<ImageDecoder> loader;
    private final DecoderConfig config;
    private final Ticker ticker;
    private final DrawMetrics metrics;
    private final Thread compute;
    private final ExecutorService events;
    private final CompletableFuture<Void> loaded = new CompletableFuture<>();
    private final Semaphore work = new Semaphore(0);
    private volatile @Nullable DenoiseQueue queue;
    private volatile boolean stopped;

    /**
     * Loads nothing before it is started.
     *
     * @param loader called on the compute thread
     * @param onDeath told when the compute thread dies once the model is loaded, and when the second thread does
     */
    DecoderWorker(
            Supplier<ImageDecoder> loader,
            DecoderConfig config,
            Ticker ticker,
            DrawMetrics metrics,
            Thread.UncaughtExceptionHandler onDeath) {
        this.loader = loader;
        this.config = config;
        this.ticker = ticker;
        this.metrics = metrics;
        this.compute = new Thread(this::run, "decoder-compute");
        compute.setUncaughtExceptionHandler(onDeath);
        this.events = Executors.newSingleThreadExecutor(new ThreadFactoryBuilder()
                .setNameFormat("decoder-events")
                .setUncaughtExceptionHandler(onDeath)
                .build());
    }

    /**
     * Returns once the model is loaded and has drawn a small picture.
     *
     * @throws ConfigException naming the checkpoint, if that picture is not finite: every call would fail
     */
    @Override
    public void start() throws Exception {
        compute.start();
        try {
            loaded.get(LOAD_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw e;
        } catch (TimeoutException e) {
            throw new TimeoutException("the model is not loaded after " + LOAD_TIMEOUT);
        }
    }

    @Override
    public void close() throws InterruptedException {
        stopped = true;
        work.release();
        compute.join(STOP_TIMEOUT.toMillis());
        events.shutdown();
        events.awaitTermination(STOP_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    }

    /**
     * The model, for its sizes and checks.
     *
     * @throws io.grpc.StatusRuntimeException if it is not loaded yet
     */
    ImageDecoder decoder() {
        DenoiseQueue open = queue;
        if (open == null) {
            throw Failures.of(FailureCode.NO_CAPACITY, "the model is not loaded yet")
                    .build();
        }
        return open.decoder();
    }

    /**
     * Draws a picture when its turn comes. Any thread.
     *
     * @throws io.grpc.StatusRuntimeException if the queue is full, or the worker not ready or being stopped
     */
    void submit(DrawJob job) {
        DenoiseQueue open = queue;
        if (open == null || stopped) {
            throw Failures.of(FailureCode.DRAINING, "the decoder is stopped").build();
        }
        if (!open.offer(job)) {
            throw Failures.of(
                            FailureCode.QUEUE_FULL,
                            "the decoder draws " + config.batch() + " pictures and " + config.queue() + " wait")
                    .build();
        }
        work.release();
    }

    /** Runs what is told to clients, in order. */
    Executor events() {
        return events;
    }

    private void run() {
        try (ImageDecoder decoder = loader.get();
                DenoiseQueue open = new DenoiseQueue(decoder, config.batch(), config.queue(), ticker, metrics)) {
            if (!decoder.checksSafety()) {
                log.warn("the checkpoint has no safety checker: pictures are not checked");
            }
            drawCanary(decoder);
            queue = open;
            loaded.complete(null);
            while (!stopped) {
                // Permits outnumber the work when calls are shared; what is left over costs an empty step.
                if (!open.step() && work.tryAcquire(1, TimeUnit.SECONDS)) {
                    work.drainPermits();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            if (!loaded.completeExceptionally(e)) {
                throw e;
            }
        } finally {
            queue = null;
        }
    }

    private void drawCanary(ImageDecoder decoder) {
        int side = decoder.pixelsPerLatent() * CANARY_LATENTS;
        DrawSpec spec = new DrawSpec(1, 1, side, side);
        try (Tensor embeddings = Tensor.of(new float[decoder.embeddingWidth()], 1, 1, decoder.embeddingWidth());
                Tensor noise = decoder.noise(spec, 0);
                Drawing drawing = decoder.begin(spec, embeddings, noise)) {
            decoder.step(List.of(drawing));
            decoder.finish(drawing);
        } catch (NotFiniteException e) {
            throw new ConfigException(
                    "checkpoint: " + config.node().requiredCheckpoint() + ": of a picture on trial, " + e.getMessage()
                            + ": its weights are damaged",
                    e);
        }
    }
}
