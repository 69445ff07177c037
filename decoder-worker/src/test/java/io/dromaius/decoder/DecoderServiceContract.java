package io.dromaius.decoder;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Ticker;
import com.google.protobuf.ByteString;
import com.google.rpc.BadRequest;
import com.google.rpc.RetryInfo;
import io.dromaius.model.diffusion.ImageDecoder;
import io.dromaius.model.tiny.TinyCheckpoint;
import io.dromaius.model.torch.Device;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.Tensor;
import io.dromaius.model.vision.RgbImage;
import io.dromaius.model.weights.Checkpoint;
import io.dromaius.node.ConfigLoader;
import io.dromaius.node.rpc.Failures;
import io.dromaius.proto.internal.v1.DType;
import io.dromaius.proto.internal.v1.DrawDone;
import io.dromaius.proto.internal.v1.DrawRequest;
import io.dromaius.wire.TensorBuffers;
import io.dromaius.wire.TensorFrame;
import io.dromaius.wire.WireMethods;
import io.grpc.BindableService;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a decoder worker promises, over any transport. */
abstract class DecoderServiceContract {
    private static Path checkpoint;

    private final CountingMetrics metrics = new CountingMetrics();
    private final CompletableFuture<Throwable> death = new CompletableFuture<>();
    private DecoderWorker worker;
    private Channel channel;

    /** Serves; failures are handled as every server of the cluster does. */
    abstract Channel serve(BindableService service) throws Exception;

    abstract void stopServing() throws Exception;

    @BeforeAll
    static void makeCheckpoint(@TempDir Path folder) throws IOException {
        checkpoint = TinyCheckpoint.writePretrain(folder);
    }

    @BeforeEach
    void start() throws Exception {
        DecoderConfig config = ConfigLoader.load(
                DecoderConfig.class, List.of("--batch", "4", "--queue", "2", "--max-side", "256"), Map.of());
        worker = new DecoderWorker(
                () -> ImageDecoder.load(Checkpoint.open(checkpoint), Dtype.FP32, Device.CPU),
                config,
                Ticker.systemTicker(),
                metrics,
                (thread, cause) -> death.complete(cause));
        worker.start();
        channel = serve(new DecoderService(worker, config.maxSide(), Ticker.systemTicker()));
    }

    @AfterEach
    void stop() throws Exception {
        stopServing();
        worker.close();
        assertThat(TensorBuffers.shared().leased()).isZero();
    }

    @Test
    void drawsWithProgressAndPreviews() throws Exception {
        DrawAnswer answer = draw(request(4).setPreviewEvery(2).build(), 2);

        assertThat(answer.events()).containsExactly("step 1", "step 2", "preview 2", "step 3", "step 4", "done");
        DrawDone done = answer.done();
        assertThat(done.getUnetCalls()).isEqualTo(5);
        assertThat(done.getFlagged()).isFalse();
        assertThat(done.getDrawNanos()).isPositive();
        RgbImage picture = picture(done);
        assertThat(picture.width()).isEqualTo(128);
        assertThat(picture.height()).isEqualTo(64);
    }

    @Test
    void theSeedAndNothingElseFixesThePicture() throws Exception {
        RgbImage alone = picture(draw(request(6).setSeed(5).build(), 2).done());
        List<DrawAnswer> together = new ArrayList<>();
        for (int seed = 4; seed < 7; seed++) {
            together.add(begin(request(6).setSeed(seed).build(), 2));
        }
        for (DrawAnswer answer : together) {
            answer.await();
        }

        PictureDifference.assertAlmostEqual(alone, picture(together.get(1).done()));
        assertThat(picture(together.get(0).done())).isNotEqualTo(alone);
    }

    @Test
    void drawsFromLatentsThatAreGiven() throws Exception {
        ImageDecoder decoder = worker.decoder();
        float[] noise = io.dromaius.model.sampling.CounterRandom.normals(5, 4 * 8 * 16);
        ByteBuffer latents = ByteBuffer.allocate(noise.length * 4).order(ByteOrder.LITTLE_ENDIAN);
        latents.asFloatBuffer().put(noise);

        RgbImage seeded = picture(draw(request(3).setSeed(5).build(), 2).done());
        RgbImage given = picture(draw(
                        request(3)
                                .setSeed(77)
                                .setInitialLatents(ByteString.copyFrom(latents))
                                .build(),
                        2)
                .done());

        PictureDifference.assertAlmostEqual(seeded, given);
        assertThat(decoder.pixelsPerLatent()).isEqualTo(8);
    }

    @Test
    void drawsTheCheckpointsOwnSizeUnlessTold() throws Exception {
        RgbImage picture =
                picture(draw(request(1).clearHeight().clearWidth().build(), 2).done());

        assertThat(picture.width()).isEqualTo(128);
        assertThat(picture.height()).isEqualTo(128);
    }

    @Test
    void cancellingTakesEffectAtTheNextStep() throws Exception {
        DrawAnswer answer = begin(request(900).build(), 2);
        answer.awaitEvents(2);
        answer.cancel();
        answer.await();

        DrawAnswer next = draw(request(1).build(), 2);
        assertThat(next.done().getUnetCalls()).isEqualTo(1);
        assertThat(Status.fromThrowable(answer.failure()).getCode()).isEqualTo(Status.Code.CANCELLED);
        assertThat(metrics.calls.size()).isLessThan(800);
        assertThat(metrics.outcomes).contains(DrawMetrics.Outcome.CANCELLED);
    }

    @Test
    void namesTheFieldThatIsWrong() throws Exception {
        assertRefused("steps", request(0), 2);
        assertRefused("height", request(4).setHeight(60), 2);
        assertRefused("width", request(4).setWidth(264), 2);
        assertRefused("guidance_scale", request(4).setGuidanceScale(Float.NaN), 1);
        assertRefused("embeddings", request(4), 1);
        assertRefused("embeddings", request(4).setGuidanceScale(1), 2);
        assertRefused("dtype", request(4).setDtype(DType.D_TYPE_UNSPECIFIED), 2);
        assertRefused("payload", request(4).setDtype(DType.D_TYPE_BF16), 2);
        assertRefused("initial_latents", request(4).setInitialLatents(ByteString.copyFromUtf8("short")), 2);
    }

    @Test
    void anErrorEndsTheThreadAndNobodyIsLeftWaiting() throws Exception {
        metrics.failNext = new LinkageError("expected by this test");
        DrawAnswer answer = draw(request(4).build(), 2);
        assertThat(Status.fromThrowable(answer.failure()).getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(death.get(60, TimeUnit.SECONDS)).hasMessage("expected by this test");
    }

    @Test
    void refusesWhatWouldWaitTooLong() throws Exception {
        List<DrawAnswer> busy = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            DrawAnswer one = begin(request(900).build(), 2);
            one.awaitEvents(1);
            busy.add(one);
        }
        List<DrawAnswer> late = new ArrayList<>(); // which of the three comes last is up to the transport
        for (int i = 0; i < 3; i++) {
            late.add(begin(request(900).build(), 2));
        }
        DrawAnswer refused = DrawAnswer.firstOf(late);
        busy.addAll(late);

        assertThat(Status.fromThrowable(refused.failure()).getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(Failures.detail(refused.failure(), RetryInfo.class)).isPresent();
        for (DrawAnswer answer : busy) {
            answer.cancel();
            answer.await();
        }
    }

    private void assertRefused(String field, DrawRequest.Builder request, int contexts) throws Exception {
        DrawAnswer answer = begin(request.build(), contexts);
        answer.await();
        assertThat(Status.fromThrowable(answer.failure()).getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(Failures.detail(answer.failure(), BadRequest.class))
                .hasValueSatisfying(
                        bad -> assertThat(bad.getFieldViolations(0).getField()).isEqualTo(field));
    }

    private static DrawRequest.Builder request(int steps) {
        return DrawRequest.newBuilder()
                .setRequestId("draw-1")
                .setGuidanceScale(7.5f)
                .setSteps(steps)
                .setHeight(64)
                .setWidth(128)
                .setDtype(DType.D_TYPE_FP32);
    }

    private DrawAnswer draw(DrawRequest request, int contexts) throws Exception {
        DrawAnswer answer = begin(request, contexts);
        answer.await();
        return answer;
    }

    private DrawAnswer begin(DrawRequest request, int contexts) {
        Tensor embeddings = FakeJob.embeddings(worker.decoder(), contexts, 3);
        DrawRequest shaped = request.toBuilder()
                .addShape(contexts)
                .addShape(32)
                .addShape((int) embeddings.size(2))
                .build();
        DrawAnswer answer = new DrawAnswer(Context.ROOT.withCancellation());
        answer.context()
                .run(() -> WireMethods.draw(
                        channel,
                        CallOptions.DEFAULT.withDeadlineAfter(60, TimeUnit.SECONDS),
                        TensorFrame.of(shaped, embeddings.bytes(), embeddings::close),
                        answer));
        return answer;
    }

    private static RgbImage picture(DrawDone done) throws IOException {
        return RgbImage.of(ImageIO.read(new ByteArrayInputStream(done.getPng().toByteArray())));
    }
}
