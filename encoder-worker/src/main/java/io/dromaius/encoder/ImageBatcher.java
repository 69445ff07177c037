package io.dromaius.encoder;

import com.google.common.base.Ticker;
import io.dromaius.model.torch.Tensor;
import io.dromaius.node.Node;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.LinkedBlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs pictures of many requests through the model, on one thread that owns the model. A batch is whatever waits when the model is
 * free, up to a limit: under light load nobody waits for company, and under heavy load batches fill by themselves.
 *
 * <p>{@link #submit} may be called from any thread; listeners are called on the compute thread and must not block.
 */
final class ImageBatcher implements Node.Part {

    private static final Logger log = LoggerFactory.getLogger(ImageBatcher.class);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

    /** Told what became of one picture: exactly one of the three, once. */
    interface Listener {
        /** Asked just before the picture would run. */
        boolean wanted();

        /** {@code embeddings} [1, queries, hidden] are the batcher's and valid during the call only. */
        void encoded(Tensor embeddings, int batch, long nanos);

        /** The picture was not wanted any more. */
        void skipped();

        void failed(Throwable cause);
    }

    private record Job(ByteBuffer pixels, Listener listener) {}

    private final PictureEncoder encoder;
    private final int maxBatch;
    private final EncoderMetrics metrics;
    private final Ticker ticker;
    private final BlockingQueue<Job> queue = new LinkedBlockingQueue<>();
    private final Thread thread = new Thread(this::run, "encoder-compute");
    private volatile boolean closed;

    /**
     * Takes over {@code encoder}.
     *
     * @param onDeath told when the compute thread dies
     */
    ImageBatcher(
            PictureEncoder encoder,
            int maxBatch,
            EncoderMetrics metrics,
            Ticker ticker,
            Thread.UncaughtExceptionHandler onDeath) {
        if (maxBatch < 1) {
            throw new IllegalArgumentException("maxBatch is " + maxBatch);
        }
        this.encoder = encoder;
        this.maxBatch = maxBatch;
        this.metrics = metrics;
        this.ticker = ticker;
        thread.setUncaughtExceptionHandler(onDeath);
    }

    @Override
    public void start() {
        thread.start();
    }

    /** Puts one prepared picture into the queue. */
    void submit(ByteBuffer pixels, Listener listener) {
        queue.add(new Job(pixels, listener));
        if (closed) {
            failWaiting();
        }
    }

    /** Pictures that wait. */
    int waiting() {
        return queue.size();
    }

    private void run() {
        List<Job> batch = new ArrayList<>(maxBatch);
        try {
            while (!closed) {
                batch.add(queue.take());
                queue.drainTo(batch, maxBatch - batch.size());
                List<Job> wanted = batch.stream().filter(ImageBatcher::isWanted).toList();
                batch.clear();
                if (!wanted.isEmpty()) {
                    runBatch(wanted);
                }
            }
        } catch (InterruptedException e) {
            // Closing interrupts the wait for work; nothing else does.
            Thread.currentThread().interrupt();
        } finally {
            closed = true;
            encoder.close();
            failWaiting();
        }
    }

    private static boolean isWanted(Job job) {
        boolean wanted = job.listener().wanted();
        if (!wanted) {
            job.listener().skipped();
        }
        return wanted;
    }

    private void runBatch(List<Job> batch) {
        long start = ticker.read();
        try (Tensor embeddings = encoder.encode(concatenated(batch), batch.size())) {
            long nanos = ticker.read() - start;
            metrics.batchRan(batch.size(), nanos);
            for (int i = 0; i < batch.size(); i++) {
                tell(batch.get(i), embeddings, i, batch.size(), nanos);
            }
        } catch (Error e) {
            // No picture's fault, and what state it left behind nobody knows.
            batch.forEach(job -> job.listener().failed(e));
            throw e;
        } catch (RuntimeException e) {
            if (batch.size() == 1) {
                batch.get(0).listener().failed(e);
            } else {
                // Whatever it was, it shall not spread: each picture on its own.
                log.warn("a batch of {} pictures failed and is run one by one", batch.size(), e);
                batch.forEach(job -> runBatch(List.of(job)));
            }
        }
    }

    /** A listener that throws harms its own picture only. */
    private static void tell(Job job, Tensor embeddings, int row, int batch, long nanos) {
        try (Tensor own = embeddings.rows(row, row + 1)) {
            job.listener().encoded(own, batch, nanos);
        } catch (RuntimeException e) {
            job.listener().failed(e);
        }
    }

    private static ByteBuffer concatenated(List<Job> batch) {
        if (batch.size() == 1 && batch.get(0).pixels().isDirect()) {
            return batch.get(0).pixels();
        }
        int bytes = batch.stream().mapToInt(job -> job.pixels().remaining()).sum();
        ByteBuffer all = ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
        batch.forEach(job -> all.put(job.pixels().duplicate()));
        return all.flip();
    }

    private void failWaiting() {
        List<Job> left = new ArrayList<>();
        queue.drainTo(left);
        left.forEach(job -> job.listener().failed(new CancellationException("the encoder is closed")));
    }

    @Override
    public void close() throws InterruptedException {
        closed = true;
        thread.interrupt();
        thread.join(CLOSE_TIMEOUT.toMillis());
        failWaiting();
    }
}
