package io.dromaius.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.base.Ticker;
import io.dromaius.model.diffusion.DrawSpec;
import io.dromaius.model.diffusion.ImageDecoder;
import io.dromaius.model.tiny.TinyCheckpoint;
import io.dromaius.model.torch.Device;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.vision.RgbImage;
import io.dromaius.model.weights.Checkpoint;
import io.dromaius.node.rpc.FailureCode;
import io.dromaius.node.rpc.Failures;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DenoiseQueueTest {
    private static final DrawSpec TEN_STEPS = new DrawSpec(10, 7.5, 64, 64);

    private static ImageDecoder decoder;

    private final CountingMetrics metrics = new CountingMetrics();
    private DenoiseQueue queue;

    @BeforeAll
    static void load(@TempDir Path folder) throws IOException {
        decoder = ImageDecoder.load(Checkpoint.open(TinyCheckpoint.writePretrain(folder)), Dtype.FP32, Device.CPU);
    }

    @BeforeEach
    void openQueue() {
        queue = new DenoiseQueue(decoder, 4, 8, Ticker.systemTicker(), metrics);
    }

    @AfterEach
    void closeQueue() {
        queue.close();
    }

    @AfterAll
    static void close() {
        decoder.close();
    }

    @Test
    void requestsJoinAtAnyStepAndShareCalls() {
        List<FakeJob> jobs = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            jobs.add(job(TEN_STEPS, i));
            queue.step(); // each comes while those before it are being drawn
        }
        drawAll();

        assertThat(jobs).allSatisfy(job -> {
            assertThat(job.picture).isNotNull();
            assertThat(job.unetCalls).isEqualTo(11);
        });
        assertThat(metrics.calls).hasSize(14);
        assertThat(metrics.outcomes).containsOnly(DrawMetrics.Outcome.DRAWN).hasSize(4);
    }

    @Test
    void aPictureIsTheSameAloneAndInCompany() {
        RgbImage alone = picture(drawn(TEN_STEPS, 7));
        job(new DrawSpec(5, 1, 64, 64), 1);
        queue.step();
        job(new DrawSpec(3, 2, 64, 64), 2);
        FakeJob accompanied = job(TEN_STEPS, 7);
        drawAll();

        PictureDifference.assertAlmostEqual(alone, picture(accompanied));
        assertThat(picture(drawn(TEN_STEPS, 8))).isNotEqualTo(alone);
    }

    @Test
    void aPictureThatIsNotFiniteEndsAloneAndChangesNoOther() {
        job(TEN_STEPS, 1);
        FakeJob besideSound = job(TEN_STEPS, 2);
        drawAll();
        FakeJob overflowing = job(TEN_STEPS, 1);
        overflowing.overflowing = true;
        FakeJob beside = job(TEN_STEPS, 2);
        drawAll();

        assertThat(Failures.codeOf(Objects.requireNonNull(overflowing.failure))).contains(FailureCode.NOT_FINITE);
        assertThat(overflowing.failure).hasMessageContaining("latents are not finite");
        assertThat(overflowing.events).endsWith("step 10", "failed");
        assertThat(picture(beside)).isEqualTo(picture(besideSound));
        assertThat(metrics.outcomes)
                .containsExactlyInAnyOrder(
                        DrawMetrics.Outcome.DRAWN,
                        DrawMetrics.Outcome.DRAWN,
                        DrawMetrics.Outcome.DRAWN,
                        DrawMetrics.Outcome.FAILED);
    }

    @Test
    void aJobThatAnErrorKeepsFromBeginningIsToldWithTheOthersWhenTheQueueIsClosed() {
        FakeJob before = job(TEN_STEPS, 1);
        FakeJob unlucky = job(TEN_STEPS, 2);
        unlucky.error = new OutOfMemoryError("expected by this test");
        FakeJob behind = job(TEN_STEPS, 3);
        assertThatThrownBy(queue::step).isSameAs(unlucky.error);
        queue.close();

        for (FakeJob job : List.of(before, unlucky, behind)) {
            assertThat(job.events).containsExactly("failed");
            assertThat(Failures.codeOf(Objects.requireNonNull(job.failure))).contains(FailureCode.DRAINING);
        }
        assertThat(metrics.outcomes).hasSize(3).containsOnly(DrawMetrics.Outcome.FAILED);
    }

    @Test
    void tellsEachStepOnceAndShowsPreviews() {
        FakeJob job = job(new DrawSpec(4, 1, 64, 64), 1);
        job.previewEvery = 2;
        drawAll();

        assertThat(job.events).containsExactly("step 1", "step 2", "preview 2", "step 3", "step 4", "done");
    }

    @Test
    void aCancelledPictureIsDroppedAtTheNextStep() {
        FakeJob cancelled = job(TEN_STEPS, 1);
        FakeJob other = job(TEN_STEPS, 2);
        FakeJob waiting = new FakeJob(TEN_STEPS, 3);
        queue.step();
        queue.offer(waiting);
        waiting.cancelled = true;
        cancelled.cancelled = true;
        queue.step();

        assertThat(cancelled.events).containsExactly("step 1", "dropped");
        assertThat(waiting.events).containsExactly("dropped");
        assertThat(metrics.calls).containsExactly(2, 1);
        drawAll();
        assertThat(other.picture).isNotNull();
    }

    @Test
    void aCallHoldsNoMoreThanABatchAndTheRestWait() {
        for (int i = 0; i < 12; i++) {
            job(new DrawSpec(1, 1, 64, 64), i);
        }
        assertThat(queue.offer(new FakeJob(TEN_STEPS, 12))).isFalse();
        queue.step();
        assertThat(queue.offer(new FakeJob(new DrawSpec(1, 1, 64, 64), 12))).isTrue();
        drawAll();

        assertThat(metrics.calls).containsExactly(4, 4, 4, 1);
    }

    @Test
    void sizesTakeTurns() {
        FakeJob square = job(TEN_STEPS, 1);
        FakeJob wide = job(new DrawSpec(10, 7.5, 64, 128), 2);
        for (int i = 0; i < 6; i++) {
            queue.step();
        }

        assertThat(square.events).containsExactly("step 1", "step 2");
        assertThat(wide.events).containsExactly("step 1", "step 2");
        drawAll();
        assertThat(picture(wide).width()).isEqualTo(128);
    }

    @Test
    void picturesFromMoreEmbeddingsAndFromFewerTakeTurns() {
        FakeJob usual = job(TEN_STEPS, 1);
        FakeJob terse = job(TEN_STEPS, 2);
        terse.tokens = 8;
        drawAll();

        assertThat(List.of(usual, terse))
                .allSatisfy(job -> assertThat(job.picture).isNotNull());
        assertThat(metrics.calls).hasSize(22).containsOnly(1);
    }

    @Test
    void namesTheFieldOfWhatCannotBeDrawn() {
        FakeJob wrong = job(new DrawSpec(0, 7.5, 64, 64), 1);
        drawAll();

        assertThat(wrong.failure).isNotNull().hasMessageContaining("steps must be 1 to");
    }

    @Test
    void failsWhatIsLeftWhenItCloses() {
        FakeJob running = job(TEN_STEPS, 1);
        queue.step();
        FakeJob waiting = job(TEN_STEPS, 2);
        queue.close();

        assertThat(List.of(running, waiting))
                .allSatisfy(job -> assertThat(Failures.codeOf(Objects.requireNonNull(job.failure)))
                        .contains(FailureCode.DRAINING));
        assertThat(queue.step()).isFalse();
    }

    private FakeJob job(DrawSpec spec, long seed) {
        FakeJob job = new FakeJob(spec, seed);
        assertThat(queue.offer(job)).isTrue();
        return job;
    }

    private FakeJob drawn(DrawSpec spec, long seed) {
        FakeJob job = job(spec, seed);
        drawAll();
        return job;
    }

    private void drawAll() {
        while (queue.step()) {
            assertThat(metrics.calls.size()).isLessThan(200);
        }
    }

    private static RgbImage picture(FakeJob job) {
        return Objects.requireNonNull(job.picture).image();
    }
}
