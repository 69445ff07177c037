package io.dromaius.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.dromaius.proto.v1.GenerateRequest;
import io.dromaius.proto.v1.Image;
import io.dromaius.proto.v1.ImageOptions;
import io.dromaius.proto.v1.Load;
import io.dromaius.proto.v1.OutputMode;
import io.dromaius.proto.v1.Part;
import io.dromaius.proto.v1.Prompt;
import io.dromaius.proto.v1.TextOptions;
import io.grpc.Status;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One pipeline with two encoder and two decoder processes: their deaths are unnoticed while one is left; one that is stopped finishes what it does. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class) // those that kill for good come last
final class VisionWorkerDeathIT {
    private static final Logger log = LoggerFactory.getLogger(VisionWorkerDeathIT.class);
    private static final Duration LIMIT = Duration.ofSeconds(3);
    /** Of a drawing that is under way for seconds. */
    private static final int MANY_STEPS = 120;

    /** Different pictures, as equal ones are encoded once. */
    private static final AtomicInteger PICTURES = new AtomicInteger();

    @TempDir
    static Path directory;

    private static ProcessCluster cluster;
    private static ClusterProcess[] encoders;
    private static ClusterProcess[] decoders;

    @BeforeAll
    static void start() throws Exception {
        cluster = new ProcessCluster("vision-worker-death", directory, "--shards-per-pipeline", "1");
        cluster.addShard();
        encoders = new ClusterProcess[] {cluster.addEncoder(), cluster.addEncoder()};
        decoders = new ClusterProcess[] {cluster.addDecoder(), cluster.addDecoder("--drain-timeout", "60s")};
        cluster.awaitServing(1);
        awaitWorkers();
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @AfterEach
    void thaw() throws Exception {
        for (ClusterProcess[] pair : List.of(encoders, decoders)) {
            for (ClusterProcess worker : pair) {
                if (worker.isAlive()) {
                    worker.thaw();
                }
            }
        }
    }

    @Test
    @Order(1)
    void aFrozenEncodersWorkIsDoneByTheOther() throws Exception {
        encoders[0].freeze();
        assertAllAnswered(looks(4), "frozen encoder");
        encoders[0].thaw();
        awaitWorkers();
    }

    @Test
    @Order(2)
    void withoutAnEncoderCallsEndInTime() throws Exception {
        encoders[0].freeze();
        encoders[1].freeze();
        assertAllUnavailableInTime(3);
        encoders[0].thaw();
        encoders[1].thaw();
        cluster.await("encoders that work again")
                .until(() -> looks(1).get(0).end().isOk());
        awaitWorkers();
    }

    @Test
    @Order(3)
    void aFrozenDecodersPictureIsDrawnByTheOther() throws Exception {
        LiveCall.End undisturbed = draw(MANY_STEPS).end();
        assertThat(undisturbed.isOk()).as(undisturbed.toString()).isTrue();
        List<LiveCall> drawings = drawOnBoth();
        decoders[0].freeze();
        assertThat(drawings).as("still under way").noneMatch(LiveCall::isOver);
        for (LiveCall.End end : assertAllAnswered(drawings, "frozen decoder")) {
            assertSamePicture(end.png(), undisturbed.png());
        }
        decoders[0].thaw();
        awaitWorkers();
    }

    @Test
    @Order(4)
    void withoutADecoderCallsEndInTime() throws Exception {
        List<LiveCall> drawings = drawOnBoth();
        try (StallMeter meter = StallMeter.start()) {
            decoders[0].freeze();
            decoders[1].freeze();
            long frozen = System.nanoTime();
            for (LiveCall drawing : drawings) {
                LiveCall.End end = drawing.end();
                Duration limit = meter.extend(LIMIT);
                log.info(
                        "both decoders frozen: {} after {} ms, of {}",
                        end.status(),
                        end.since(frozen).toMillis(),
                        limit.toMillis());
                assertThat(end.status().getCode()).as(end.toString()).isEqualTo(Status.Code.ABORTED);
                assertThat(end.since(frozen)).isLessThan(limit);
            }
        }
        decoders[0].thaw();
        decoders[1].thaw();
        cluster.await("decoders that work again").until(() -> draw(2).end().isOk());
        awaitWorkers();
    }

    @Test
    @Order(5)
    void aKilledEncodersWorkIsDoneByTheOther() throws Exception {
        encoders[0].freeze(); // so that calls certainly wait for it
        List<LiveCall> calls = looks(4);
        cluster.await("calls that wait for it").until(() -> isWaitedFor(calls));
        encoders[0].kill();
        assertThat(calls).as("still under way").anyMatch(call -> !call.isOver());
        assertAllAnswered(calls, "killed encoder");
        assertAllAnswered(looks(2), "after it");
    }

    @Test
    @Order(6)
    void aKilledDecodersPictureIsDrawnByTheOther() throws Exception {
        LiveCall.End undisturbed = draw(MANY_STEPS).end();
        List<LiveCall> drawings = drawOnBoth();
        decoders[0].kill();
        assertThat(drawings).as("still under way").noneMatch(LiveCall::isOver);
        for (LiveCall.End end : assertAllAnswered(drawings, "killed decoder")) {
            assertSamePicture(end.png(), undisturbed.png());
        }
    }

    @Test
    @Order(7)
    void theyTellPrometheusWhatThePageSays() throws Exception {
        assertAllAnswered(looks(1), "one more");
        assertThat(draw(2).end().isOk()).isTrue();
        Scrape encoder = Scrape.of(encoders[1]);
        assertThat(encoder.names()).isEqualTo(Scrape.documented("encoder"));
        assertThat(encoder.sum("dromaius_encoder_pictures_total")).isPositive();
        Scrape decoder = Scrape.of(decoders[1]);
        assertThat(decoder.names()).isEqualTo(Scrape.documented("decoder"));
        assertThat(decoder.sum("dromaius_decoder_unet_calls_total")).isPositive();
    }

    @Test
    @Order(8)
    void theLastDecoderFinishesItsPictureBeforeItStops() throws Exception {
        decoders[0].kill();
        LiveCall.End undisturbed = draw(MANY_STEPS).end();
        LiveCall drawing = draw(MANY_STEPS);
        cluster.await("a drawing").until(drawing::isDrawing);
        decoders[1].terminate();
        assertThat(drawing.isOver()).as("still under way").isFalse();
        LiveCall.End end = drawing.end();
        assertThat(end.isOk()).as(end.toString()).isTrue();
        assertSamePicture(end.png(), undisturbed.png());
        decoders[1].awaitEnd();
    }

    private static void awaitWorkers() {
        cluster.awaitMembers("encoder");
        cluster.awaitMembers("decoder");
    }

    /** Every call that is not over has come, and nothing but the frozen encoder keeps it. */
    private static boolean isWaitedFor(List<LiveCall> calls) {
        long waiting = calls.stream().filter(call -> !call.isOver()).count();
        Load load = cluster.describe().getLoad();
        return waiting > 0 && load.getRunning() + load.getQueued() == waiting;
    }

    /** Two long drawings, one of each decoder's, that have begun. */
    private static List<LiveCall> drawOnBoth() throws Exception {
        double first = unetCalls(decoders[0]);
        double second = unetCalls(decoders[1]);
        List<LiveCall> drawings = List.of(draw(MANY_STEPS), draw(MANY_STEPS));
        cluster.await("drawings on both")
                .until(() -> drawings.stream().allMatch(LiveCall::isDrawing)
                        && unetCalls(decoders[0]) > first
                        && unetCalls(decoders[1]) > second);
        return drawings;
    }

    private static double unetCalls(ClusterProcess decoder) throws IOException, InterruptedException {
        return Scrape.of(decoder).sum("dromaius_decoder_unet_calls_total");
    }

    private static List<LiveCall.End> assertAllAnswered(List<LiveCall> calls, String what) throws Exception {
        long begun = System.nanoTime();
        List<LiveCall.End> ends = new ArrayList<>();
        for (LiveCall call : calls) {
            LiveCall.End end = call.end();
            assertThat(end.isOk()).as(end.toString()).isTrue();
            ends.add(end);
        }
        log.info("{}: answered after {} ms", what, millis(ends, begun));
        return ends;
    }

    private static void assertAllUnavailableInTime(int count) throws Exception {
        try (StallMeter meter = StallMeter.start()) {
            List<LiveCall> calls = looks(count);
            long begun = System.nanoTime();
            List<LiveCall.End> ends = new ArrayList<>();
            for (LiveCall call : calls) {
                ends.add(call.end());
            }
            Duration limit = meter.extend(LIMIT);
            log.info("both encoders frozen: ended after {} ms, of {}", millis(ends, begun), limit.toMillis());
            for (LiveCall.End end : ends) {
                assertThat(end.status().getCode()).as(end.toString()).isEqualTo(Status.Code.UNAVAILABLE);
                assertThat(end.retryInfo()).as(end.toString()).isTrue();
                assertThat(end.since(begun)).isLessThan(limit);
            }
        }
    }

    private static List<Long> millis(List<LiveCall.End> ends, long begun) {
        return ends.stream().map(end -> end.since(begun).toMillis()).toList();
    }

    /** Questions about a picture each. */
    private static List<LiveCall> looks(int count) throws IOException {
        List<LiveCall> calls = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            GenerateRequest request = GenerateRequest.newBuilder()
                    .setPrompt(Prompt.newBuilder()
                            .addParts(Part.newBuilder()
                                    .setImage(Image.newBuilder().setData(picture())))
                            .addParts(Part.newBuilder().setText("what is it?")))
                    .setText(TextOptions.newBuilder().setMaxTokens(4))
                    .build();
            calls.add(LiveCall.start(cluster.channel(), request));
        }
        return calls;
    }

    private static LiveCall draw(int steps) {
        GenerateRequest request = GenerateRequest.newBuilder()
                .setPrompt(Prompt.newBuilder().addParts(Part.newBuilder().setText("an emu")))
                .addOutputModes(OutputMode.OUTPUT_MODE_IMAGE)
                .setImage(ImageOptions.newBuilder().setSteps(steps).setSeed(7))
                .build();
        return LiveCall.start(cluster.channel(), request);
    }

    /** In company, a drawing may round differently. */
    private static void assertSamePicture(ByteString png, ByteString other) throws IOException {
        int[] values = samples(ImageIO.read(png.newInput()));
        int[] others = samples(ImageIO.read(other.newInput()));
        assertThat(values).hasSameSizeAs(others);
        for (int i = 0; i < values.length; i++) {
            assertThat(values[i]).isBetween(others[i] - 1, others[i] + 1);
        }
    }

    private static int[] samples(BufferedImage picture) {
        return picture.getData().getPixels(0, 0, picture.getWidth(), picture.getHeight(), (int[]) null);
    }

    private static ByteString picture() throws IOException {
        BufferedImage image = new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB);
        image.setRGB(0, 0, PICTURES.incrementAndGet());
        ByteString.Output png = ByteString.newOutput();
        ImageIO.write(image, "png", png);
        return png.toByteString();
    }
}
