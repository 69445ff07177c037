package io.dromaius.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.within;

import com.google.common.base.Stopwatch;
import com.google.common.base.Ticker;
import com.google.common.util.concurrent.ThreadFactoryBuilder;
import com.google.rpc.BadRequest;
import com.google.rpc.RetryInfo;
import io.dromaius.encoder.EncoderTransport.Connection;
import io.dromaius.encoder.media.MediaLimits;
import io.dromaius.encoder.media.MediaReader;
import io.dromaius.encoder.media.TestVideo;
import io.dromaius.model.tiny.TinyCheckpoint;
import io.dromaius.model.torch.Device;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.Tensor;
import io.dromaius.model.vision.RgbImage;
import io.dromaius.model.vision.VisualEncoder;
import io.dromaius.model.weights.Checkpoint;
import io.dromaius.node.rpc.FailureCode;
import io.dromaius.node.rpc.Failures;
import io.dromaius.proto.internal.v1.DType;
import io.dromaius.proto.internal.v1.EncodeRequest;
import io.dromaius.proto.internal.v1.EncodeResponse;
import io.dromaius.wire.TensorBuffers;
import io.dromaius.wire.TensorFrame;
import io.dromaius.wire.WireMethods;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The contract of the service over both transports, on a tiny random model. */
class EncoderServiceTest {

    private static final int MAX_CALLS = 12;
    private static final int MAX_BATCH = 4;

    @TempDir
    private static Path directory;

    /** Taken by each run of the model; holding all of it stops the model. */
    private static final Semaphore gate = new Semaphore(MAX_CALLS);

    private static final Semaphore atGate = new Semaphore(0);
    private static final BlockingQueue<Throwable> deaths = new LinkedBlockingQueue<>();
    private static final ExecutorService readers = Executors.newFixedThreadPool(
            2,
            new ThreadFactoryBuilder()
                    .setUncaughtExceptionHandler((thread, cause) -> deaths.add(cause))
                    .build());
    /** Whether the first picture of each batch of several is one that the model overflows on. */
    private static volatile boolean overflowing;

    private static VisualEncoder model;
    private static ImageBatcher batcher;
    private static EncoderService service;

    @BeforeAll
    static void load() throws Exception {
        model = VisualEncoder.load(Checkpoint.open(TinyCheckpoint.writePretrain(directory)), Dtype.FP32, Device.CPU);
        batcher = new ImageBatcher(
                gated(PictureEncoder.of(model)),
                MAX_BATCH,
                EncoderMetrics.NONE,
                Ticker.systemTicker(),
                (thread, cause) -> {});
        batcher.start();
        service = service(model::preprocess);
    }

    @AfterAll
    static void close() throws InterruptedException {
        batcher.close();
        readers.shutdown();
        assertThat(readers.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        assertThat(TensorBuffers.shared().leased()).isZero();
    }

    @ParameterizedTest
    @EnumSource(EncoderTransport.class)
    void aPictureComesBackAsItsEmbeddings(EncoderTransport transport) throws Exception {
        try (Connection connection = transport.connect(service)) {
            RgbImage picture = noise(1);
            EncodeAnswer answer = ask(connection, EncodeAnswer.picture(), picture.toPng());
            assertThat(answer.header().getShapeList()).containsExactly(1, 32, 64);
            assertThat(answer.header().getDtype()).isEqualTo(DType.D_TYPE_FP32);
            assertThat(answer.header().getBatch()).isEqualTo(1);
            assertThat(answer.header().getComputeNanos()).isPositive();
            assertThat(answer.payload().values()).containsExactly(direct(picture), within(1e-5f));
        }
    }

    @ParameterizedTest
    @EnumSource(EncoderTransport.class)
    void aVideoComesBackFrameByFrame(EncoderTransport transport) throws Exception {
        try (Connection connection = transport.connect(service)) {
            byte[] video = TestVideo.lossless(20);
            EncodeAnswer answer = ask(connection, EncodeAnswer.video(0), video);
            assertThat(answer.header().getShapeList()).containsExactly(8, 32, 64);
            float[] first = Arrays.copyOf(answer.payload().values(), 32 * 64);
            byte[] gray = new byte[3 * TestVideo.WIDTH * TestVideo.HEIGHT];
            Arrays.fill(gray, (byte) TestVideo.gray(1));
            assertThat(first)
                    .containsExactly(direct(new RgbImage(TestVideo.WIDTH, TestVideo.HEIGHT, gray)), within(1e-4f));
            assertThat(ask(connection, EncodeAnswer.video(3), video).header().getShape(0))
                    .isEqualTo(3);
        }
    }

    @ParameterizedTest
    @EnumSource(EncoderTransport.class)
    void embeddingsComeInTheTypeAskedFor(EncoderTransport transport) throws Exception {
        try (Connection connection = transport.connect(service)) {
            RgbImage picture = noise(2);
            EncodeAnswer answer = ask(
                    connection,
                    EncodeAnswer.picture().toBuilder()
                            .setDtype(DType.D_TYPE_BF16)
                            .build(),
                    picture.toPng());
            assertThat(answer.header().getDtype()).isEqualTo(DType.D_TYPE_BF16);
            assertThat(answer.payload().values()).containsExactly(direct(picture), within(0.02f));
        }
    }

    @ParameterizedTest
    @EnumSource(EncoderTransport.class)
    void hostileBytesAreRefusedAndHarmNobody(EncoderTransport transport) throws Exception {
        byte[] sound = noise(3).toPng();
        List<byte[]> hostile = List.of(
                new byte[0],
                "not a picture".getBytes(StandardCharsets.UTF_8),
                Arrays.copyOf(sound, sound.length / 2),
                Arrays.copyOf(sound, 20),
                new byte[100]);
        try (Connection connection = transport.connect(service)) {
            List<CompletableFuture<EncodeAnswer>> good = new ArrayList<>();
            List<CompletableFuture<EncodeAnswer>> bad = new ArrayList<>();
            for (byte[] data : hostile) {
                good.add(EncodeAnswer.send(connection.channel(), EncodeAnswer.picture(), sound));
                bad.add(EncodeAnswer.send(connection.channel(), EncodeAnswer.picture(), data));
            }
            for (CompletableFuture<EncodeAnswer> call : good) {
                assertThat(get(call).payload().values()).containsExactly(direct(noise(3)), within(1e-5f));
            }
            for (CompletableFuture<EncodeAnswer> call : bad) {
                assertBadField("data", failure(call));
            }
            assertThat(ask(connection, EncodeAnswer.picture(), new RgbImage(1, 1, new byte[3]).toPng())
                            .header()
                            .getShape(0))
                    .isEqualTo(1);
            assertBadField("data", failure(EncodeAnswer.send(connection.channel(), EncodeAnswer.video(8), sound)));
        }
    }

    @ParameterizedTest
    @EnumSource(EncoderTransport.class)
    void whatIsNotSaidRightIsRefusedByName(EncoderTransport transport) throws Exception {
        try (Connection connection = transport.connect(service)) {
            assertBadField(
                    "kind",
                    failure(EncodeAnswer.send(
                            connection.channel(), EncodeRequest.getDefaultInstance(), noise(4).toPng())));
            assertBadField(
                    "frames",
                    failure(EncodeAnswer.send(connection.channel(), EncodeAnswer.video(65), TestVideo.lossless(4))));
        }
    }

    @ParameterizedTest
    @EnumSource(EncoderTransport.class)
    void callsShareBatchesAndOneTooManyIsRefused(EncoderTransport transport) throws Exception {
        byte[] picture = noise(5).toPng();
        gate.acquire(MAX_CALLS);
        List<CompletableFuture<EncodeAnswer>> calls = new ArrayList<>();
        try (Connection connection = transport.connect(service)) {
            atGate.drainPermits();
            calls.add(EncodeAnswer.send(connection.channel(), EncodeAnswer.picture(), picture));
            assertThat(atGate.tryAcquire(30, TimeUnit.SECONDS)).isTrue();
            for (int i = 1; i < MAX_CALLS; i++) {
                calls.add(EncodeAnswer.send(connection.channel(), EncodeAnswer.picture(), picture));
            }
            awaitWaiting(MAX_CALLS - 1);
            Throwable refused = failure(EncodeAnswer.send(connection.channel(), EncodeAnswer.picture(), picture));
            assertThat(Status.fromThrowable(refused).getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
            assertThat(Failures.detail(refused, RetryInfo.class)).isPresent();
            gate.release(MAX_CALLS);
            int largest = 0;
            for (CompletableFuture<EncodeAnswer> call : calls) {
                largest = Math.max(largest, get(call).header().getBatch());
            }
            assertThat(largest).isEqualTo(MAX_BATCH);
        }
    }

    @ParameterizedTest
    @EnumSource(EncoderTransport.class)
    void aCancelledCallMakesRoom(EncoderTransport transport) throws Exception {
        gate.acquire(MAX_CALLS);
        try (Connection connection = transport.connect(service)) {
            atGate.drainPermits();
            CompletableFuture<EncodeAnswer> first =
                    EncodeAnswer.send(connection.channel(), EncodeAnswer.picture(), noise(6).toPng());
            assertThat(atGate.tryAcquire(30, TimeUnit.SECONDS)).isTrue();
            ClientCall<TensorFrame<EncodeRequest>, TensorFrame<EncodeResponse>> cancelled =
                    WireMethods.call(connection.channel(), WireMethods.ENCODE, CallOptions.DEFAULT);
            cancelled.start(new ClientCall.Listener<>() {}, new Metadata());
            cancelled.sendMessage(TensorFrame.of(EncodeAnswer.picture(), ByteBuffer.wrap(noise(7).toPng()), () -> {}));
            cancelled.halfClose();
            cancelled.request(1);
            awaitWaiting(1);
            cancelled.cancel("not wanted", null);
            gate.release(MAX_CALLS);
            assertThat(get(first).header().getBatch()).isEqualTo(1);
            List<CompletableFuture<EncodeAnswer>> after = new ArrayList<>();
            for (int i = 0; i < MAX_CALLS - 1; i++) {
                after.add(EncodeAnswer.send(connection.channel(), EncodeAnswer.picture(), noise(8).toPng()));
            }
            for (CompletableFuture<EncodeAnswer> call : after) {
                assertThat(get(call).header().getShape(0)).isEqualTo(1);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(EncoderTransport.class)
    void embeddingsThatAreNotFiniteEndTheirOwnCallAlone(EncoderTransport transport) throws Exception {
        byte[] picture = noise(9).toPng();
        gate.acquire(MAX_CALLS);
        try (Connection connection = transport.connect(service)) {
            atGate.drainPermits();
            CompletableFuture<EncodeAnswer> first =
                    EncodeAnswer.send(connection.channel(), EncodeAnswer.picture(), picture);
            assertThat(atGate.tryAcquire(30, TimeUnit.SECONDS)).isTrue();
            List<CompletableFuture<EncodeAnswer>> together = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                together.add(EncodeAnswer.send(connection.channel(), EncodeAnswer.picture(), picture));
            }
            awaitWaiting(3);
            overflowing = true;
            gate.release(MAX_CALLS);
            get(first);
            List<Throwable> failures = new ArrayList<>();
            for (CompletableFuture<EncodeAnswer> call : together) {
                Throwable thrown = catchThrowable(() -> get(call));
                if (thrown != null) {
                    failures.add(Objects.requireNonNull(thrown.getCause()));
                }
            }
            assertThat(failures).singleElement().satisfies(failure -> assertThat(Failures.codeOf(failure))
                    .contains(FailureCode.NOT_FINITE));
        } finally {
            overflowing = false;
        }
    }

    @ParameterizedTest
    @EnumSource(EncoderTransport.class)
    void anErrorOnAReaderEndsItsCallAndKeepsNoPlace(EncoderTransport transport) throws Exception {
        AtomicInteger errors = new AtomicInteger(MAX_CALLS + 1);
        EncoderService failing = service(picture -> {
            if (errors.getAndDecrement() > 0) {
                throw new OutOfMemoryError("expected by this test");
            }
            return model.preprocess(picture);
        });
        byte[] picture = noise(10).toPng();
        try (Connection connection = transport.connect(failing)) {
            for (int i = 0; i <= MAX_CALLS; i++) {
                Throwable failure = failure(EncodeAnswer.send(connection.channel(), EncodeAnswer.picture(), picture));
                assertThat(Failures.codeOf(failure)).contains(FailureCode.INTERNAL);
                assertThat(deaths.poll(30, TimeUnit.SECONDS)).hasMessage("expected by this test");
            }
            assertThat(ask(connection, EncodeAnswer.picture(), picture).header().getShape(0))
                    .isEqualTo(1);
        }
        assertThat(deaths).isEmpty();
    }

    private static EncoderService service(Function<RgbImage, ByteBuffer> preprocess) {
        MediaReader media = new MediaReader(MediaLimits.DEFAULT, preprocess);
        return new EncoderService(media, batcher, readers, MAX_CALLS, EncoderMetrics.NONE, Ticker.systemTicker());
    }

    private static PictureEncoder gated(PictureEncoder encoder) {
        return new PictureEncoder() {
            @Override
            public Tensor encode(ByteBuffer pixels, int pictures) {
                atGate.release();
                gate.acquireUninterruptibly();
                try {
                    Tensor embeddings = encoder.encode(pixels, pictures);
                    if (overflowing && pictures > 1) {
                        embeddings.bytes().putFloat(0, Float.NaN);
                    }
                    return embeddings;
                } finally {
                    gate.release();
                }
            }

            @Override
            public void close() {
                encoder.close();
            }
        };
    }

    /** Until so many pictures wait for the model, which is stopped. */
    private static void awaitWaiting(int pictures) {
        Stopwatch since = Stopwatch.createStarted();
        while (batcher.waiting() < pictures) {
            assertThat(since.elapsed()).isLessThan(Duration.ofSeconds(30));
            Thread.onSpinWait();
        }
    }

    /** The model without the service; it is idle when a test asks. */
    private static float[] direct(RgbImage picture) {
        try (Tensor embeddings = model.encode(List.of(picture))) {
            return embeddings.floats();
        }
    }

    private static EncodeAnswer ask(Connection connection, EncodeRequest header, byte[] data) throws Exception {
        return get(EncodeAnswer.send(connection.channel(), header, data));
    }

    private static EncodeAnswer get(CompletableFuture<EncodeAnswer> call) throws Exception {
        return call.get(60, TimeUnit.SECONDS);
    }

    private static Throwable failure(CompletableFuture<EncodeAnswer> call) {
        Throwable thrown = catchThrowable(() -> get(call));
        assertThat(thrown).isInstanceOf(ExecutionException.class);
        return Objects.requireNonNull(thrown.getCause());
    }

    private static void assertBadField(String field, Throwable failure) {
        assertThat(Status.fromThrowable(failure).getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(Failures.detail(failure, BadRequest.class))
                .hasValueSatisfying(
                        bad -> assertThat(bad.getFieldViolations(0).getField()).isEqualTo(field));
    }

    private static RgbImage noise(int seed) {
        byte[] samples = new byte[3 * 40 * 30];
        new Random(seed).nextBytes(samples);
        return new RgbImage(40, 30, samples);
    }
}
