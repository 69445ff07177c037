package io.dromaius.encoder;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Ticker;
import io.dromaius.model.torch.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A model that doubles one number, and runs only when it is let. */
class ImageBatcherTest {

    private static final float POISON = 13;
    private static final float FATAL = 99;

    private final Semaphore mayRun = new Semaphore(0);
    private final Semaphore running = new Semaphore(0);
    private final BlockingQueue<String> results = new LinkedBlockingQueue<>();
    private final List<Integer> batches = new ArrayList<>();
    private final CompletableFuture<Throwable> death = new CompletableFuture<>();
    private final ImageBatcher batcher = new ImageBatcher(
            new Doubler(), 4, EncoderMetrics.NONE, Ticker.systemTicker(), (thread, cause) -> death.complete(cause));

    @BeforeEach
    void start() {
        batcher.start();
    }

    @AfterEach
    void close() throws InterruptedException {
        mayRun.release(1000);
        batcher.close();
    }

    @Test
    void aLonePictureRunsAtOnce() throws InterruptedException {
        mayRun.release();
        submit(3, true);
        assertThat(next()).isEqualTo("6.0 in 1");
    }

    @Test
    void whatWaitsRunsTogetherUpToTheLimit() throws InterruptedException {
        submit(1, true);
        running.acquire();
        for (int i = 2; i <= 7; i++) {
            submit(i, true);
        }
        mayRun.release(3);
        assertThat(List.of(next(), next(), next(), next(), next(), next(), next()))
                .containsExactly("2.0 in 1", "4.0 in 4", "6.0 in 4", "8.0 in 4", "10.0 in 4", "12.0 in 2", "14.0 in 2");
        assertThat(batches).containsExactly(1, 4, 2);
    }

    @Test
    void whatNobodyWantsIsNotRun() throws InterruptedException {
        submit(1, true);
        running.acquire();
        submit(2, false);
        submit(3, true);
        mayRun.release(2);
        assertThat(List.of(next(), next(), next())).containsExactly("2.0 in 1", "skipped 2.0", "6.0 in 1");
    }

    @Test
    void aPictureThatMakesTheModelFailHarmsNoOther() throws InterruptedException {
        submit(1, true);
        running.acquire();
        submit(2, true);
        submit(POISON, true);
        submit(4, true);
        mayRun.release(10);
        assertThat(List.of(next(), next(), next(), next()))
                .containsExactly("2.0 in 1", "4.0 in 1", "failed 13.0: poison", "8.0 in 1");
    }

    @Test
    void anErrorEndsTheThreadAndNobodyIsLeftWaiting() throws Exception {
        submit(1, true);
        running.acquire();
        submit(FATAL, true);
        submit(2, true);
        mayRun.release(10);
        assertThat(death.get(60, TimeUnit.SECONDS)).hasMessage("fatal");
        submit(3, true);
        assertThat(List.of(next(), next(), next()))
                .containsExactly("2.0 in 1", "failed 99.0: fatal", "failed 2.0: fatal");
        assertThat(next()).startsWith("failed 3.0");
    }

    @Test
    void closingFailsWhatWaits() throws InterruptedException {
        submit(1, true);
        running.acquire();
        submit(2, true);
        Thread closing = new Thread(() -> {
            try {
                batcher.close();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        closing.start();
        mayRun.release(10);
        closing.join(TimeUnit.SECONDS.toMillis(60));
        submit(3, true);
        List<String> left = new ArrayList<>();
        results.drainTo(left);
        assertThat(left).hasSize(3).last().asString().contains("closed");
    }

    private void submit(float number, boolean wanted) {
        ByteBuffer pixels = ByteBuffer.allocateDirect(4).order(ByteOrder.LITTLE_ENDIAN);
        pixels.putFloat(0, number);
        batcher.submit(pixels, new ImageBatcher.Listener() {
            @Override
            public boolean wanted() {
                return wanted;
            }

            @Override
            public void encoded(Tensor embeddings, int batch, long nanos) {
                results.add(embeddings.floats()[0] + " in " + batch);
            }

            @Override
            public void skipped() {
                results.add("skipped " + number);
            }

            @Override
            public void failed(Throwable cause) {
                results.add("failed " + number + ": " + cause.getMessage());
            }
        });
    }

    private String next() throws InterruptedException {
        String result = results.poll(30, TimeUnit.SECONDS);
        return result == null ? "nothing" : result;
    }

    private final class Doubler implements PictureEncoder {
        @Override
        public Tensor encode(ByteBuffer pixels, int pictures) {
            running.release();
            mayRun.acquireUninterruptibly();
            float[] numbers = new float[pictures];
            for (int i = 0; i < pictures; i++) {
                numbers[i] = 2 * pixels.getFloat(4 * i);
                if (numbers[i] == 2 * POISON) {
                    throw new IllegalStateException("poison");
                }
                if (numbers[i] == 2 * FATAL) {
                    throw new LinkageError("fatal");
                }
            }
            batches.add(pictures);
            return Tensor.of(numbers, pictures, 1, 1);
        }

        @Override
        public void close() {}
    }
}
