package io.dromaius.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.common.io.ByteStreams;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import com.google.rpc.BadRequest;
import io.dromaius.model.tiny.TinyCheckpoint;
import io.dromaius.node.rpc.FailureCode;
import io.dromaius.node.rpc.Failures;
import io.dromaius.proto.v1.Choice;
import io.dromaius.proto.v1.GenerateRequest;
import io.dromaius.proto.v1.GenerateResponse;
import io.dromaius.proto.v1.GenerationServiceGrpc;
import io.dromaius.proto.v1.Part;
import io.dromaius.proto.v1.PipelineInfo;
import io.dromaius.proto.v1.Prompt;
import io.dromaius.proto.v1.RankRequest;
import io.dromaius.proto.v1.TextOptions;
import io.dromaius.proto.v1.TokenIds;
import io.grpc.CallOptions;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ClientResponseObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What no client should send, over a real connection: it is refused by name, and nobody else notices. */
final class HostileRequestsIT {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @TempDir
    private static Path folder;

    private static MiniCluster cluster;
    private static GenerateResponse undisturbed;

    @BeforeAll
    static void start() throws Exception {
        cluster = MiniCluster.serving(TinyCheckpoint.writePretrain(folder), 2, "--stream-buffer", "16KiB");
        undisturbed = last(request("Once upon a time"));
    }

    @AfterAll
    static void stop() throws Exception {
        cluster.close();
    }

    @AfterEach
    void nothingIsHeldAndOthersAreServedAsBefore() {
        Awaitility.await("an idle cluster")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .untilAsserted(() -> {
                    PipelineInfo pipeline = cluster.describe().getPipelines(0);
                    assertThat(pipeline.getFreeBlocks()).isEqualTo(pipeline.getBlocks());
                    assertThat(cluster.describe().getLoad().getRunning()).isZero();
                    assertThat(cluster.describe().getLoad().getQueued()).isZero();
                });
        assertThat(last(request("Once upon a time")).getFinished().getCandidatesList())
                .isEqualTo(undisturbed.getFinished().getCandidatesList());
    }

    @Test
    void bytesThatAreNoRequestAreTheCallersError() {
        byte[] notUtf8 = {0x1a, 0x06, 0x0a, 0x04, 0x0a, 0x02, (byte) 0xff, (byte) 0xfe};
        byte[] cutOff = {0x1a, 0x7f, 0x01};
        for (byte[] bytes : new byte[][] {notUtf8, cutOff, {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1}}) {
            assertRefused("request", () -> send(bytes));
        }
    }

    /** As objects they would be some twenty times as large as they are here. */
    @Test
    void millionsOfEmptyPartsAreRefusedBeforeTheyAreObjects() {
        ByteString parts = ByteString.copyFrom("\n\0".repeat(3_000_000), StandardCharsets.US_ASCII);
        byte[] request = UnknownFieldSet.newBuilder()
                .addField(
                        GenerateRequest.PROMPT_FIELD_NUMBER,
                        UnknownFieldSet.Field.newBuilder()
                                .addLengthDelimited(parts)
                                .build())
                .build()
                .toByteArray();

        assertRefused("request", () -> send(request));
        assertRefused("request", () -> send(request, CallOptions.DEFAULT.withCompression("gzip")));
    }

    @Test
    void choicesOfMoreIdsThanAnAnswerCanHaveAreRefused() {
        TokenIds.Builder ids = TokenIds.newBuilder();
        for (int i = 0; i < 1_000_000; i++) {
            ids.addIds(7);
        }

        assertRefused(
                "text.choices[0].ids",
                () -> last(GenerateRequest.newBuilder(request("hi"))
                        .setText(TextOptions.newBuilder()
                                .addChoices(Choice.newBuilder().setIds(ids)))
                        .build()));
        assertRefused(
                "text.choices",
                () -> last(GenerateRequest.newBuilder(request("hi"))
                        .setText(TextOptions.newBuilder()
                                .addAllChoices(Collections.nCopies(
                                        1000,
                                        Choice.newBuilder()
                                                .setText("a b ".repeat(100))
                                                .build())))
                        .build()));
    }

    @Test
    void textOfAnyLengthIsRefusedWithoutTokenizingIt() {
        String twentyMegabytes = "word ".repeat(4_000_000);

        assertRefused("prompt", () -> last(request(twentyMegabytes)));
        assertRefused(
                "text.choices[0].text",
                () -> last(GenerateRequest.newBuilder(request("hi"))
                        .setText(TextOptions.newBuilder()
                                .addChoices(Choice.newBuilder().setText(twentyMegabytes)))
                        .build()));
        assertRefused("candidates[1]", () -> rank("hi", "yes", twentyMegabytes));
    }

    @Test
    void ofARankTheFieldThatIsTooLongIsNamed() {
        String tooLong = "a b ".repeat(3_000);

        assertRefused("prompt", () -> rank(tooLong, "yes"));
        assertRefused("candidates[1]", () -> rank("hi", "yes", tooLong));
    }

    @Test
    void aTypedSlotIsRefusedHoweverItIsSplit() {
        assertRefused("prompt.parts[0].text", () -> last(request("a <image> b")));
        assertRefused("prompt.parts[0].text", () -> last(request("a <ima", "ge> b")));
    }

    @Test
    void callsCutShortAtAnyMomentLeaveNothingBehind() {
        Random random = new Random(5);
        for (int i = 0; i < 60; i++) {
            GenerateRequest request = GenerateRequest.newBuilder(request("tell me " + i + " more"))
                    .setText(options(i))
                    .build();
            int events = random.nextInt(4);
            boolean late = random.nextInt(3) == 0;
            Context.CancellableContext context = Context.current().withCancellation();
            context.run(() -> {
                Iterator<GenerateResponse> answer = late
                        ? stub(1 + random.nextInt(20)).generate(request)
                        : cluster.generation().generate(request);
                Throwable end = catchThrowable(() -> {
                    for (int event = 0; event < events && answer.hasNext(); event++) {
                        answer.next();
                    }
                });
                assertThat(end == null || Status.fromThrowable(end).getCode() == Status.Code.DEADLINE_EXCEEDED)
                        .isTrue();
            });
            context.cancel(null);
        }
    }

    /** gRPC refuses it by its length, before it is read: there are no details, and the connection serves on. */
    @Test
    void aMessageOverTheLimitIsRefused() {
        Throwable refused = catchThrowable(() -> send(new byte[(64 << 20) + 1]));

        assertThat(Status.fromThrowable(refused).getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(refused).hasMessageContaining("exceeds maximum size " + (64 << 20));
        assertThat(Failures.codeOf(refused)).isEmpty();
    }

    @Test
    void aClientThatNeverReadsIsCutOff() throws Exception {
        ManagedChannel narrow = NettyChannelBuilder.forTarget(cluster.endpoint())
                .usePlaintext()
                .flowControlWindow(1 << 10)
                .build();
        try {
            Unread unread = new Unread();
            long steps = cluster.describe().getPipelines(0).getSteps();
            GenerateRequest endless = GenerateRequest.newBuilder(request("Once upon a time"))
                    .setText(TextOptions.newBuilder()
                            .setMinTokens(1800)
                            .setMaxTokens(1800)
                            .setLogprobs(20))
                    .build();
            GenerationServiceGrpc.newStub(narrow)
                    .withDeadlineAfter(2 * PATIENCE.toSeconds(), TimeUnit.SECONDS)
                    .generate(endless, unread);
            // Soon it is cut off, but a step that was made stays counted.
            Awaitility.await("it runs")
                    .atMost(PATIENCE)
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> cluster.describe().getPipelines(0).getSteps() > steps);
            for (int i = 0; i < 3; i++) {
                // In company the score may round differently.
                assertThat(ids(last(request("Once upon a time")))).isEqualTo(ids(undisturbed));
            }
            Awaitility.await("it is cut off, its blocks are free, and it has read nothing")
                    .atMost(PATIENCE)
                    .until(() -> cluster.describe().getLoad().getRunning() == 0
                            && cluster.describe().getPipelines(0).getFreeBlocks()
                                    == cluster.describe().getPipelines(0).getBlocks());
            assertThat(unread.events.get()).isZero();
            assertThat(unread.end.isDone()).isFalse();

            unread.read();
            Throwable end = unread.end.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertThat(Status.fromThrowable(end).getCode()).isEqualTo(Status.Code.ABORTED);
            assertThat(Failures.codeOf(end)).contains(FailureCode.CLIENT_STALLED);
            assertThat(unread.events.get()).as("what had left before").isBetween(1, 1000);
        } finally {
            narrow.shutdownNow();
        }
    }

    /** Takes nothing until it is told to. */
    private static final class Unread implements ClientResponseObserver<GenerateRequest, GenerateResponse> {
        final AtomicInteger events = new AtomicInteger();
        final CompletableFuture<Throwable> end = new CompletableFuture<>();
        private final CompletableFuture<ClientCallStreamObserver<GenerateRequest>> call = new CompletableFuture<>();

        void read() {
            call.join().request(Integer.MAX_VALUE);
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<GenerateRequest> requests) {
            requests.disableAutoRequestWithInitial(0);
            call.complete(requests);
        }

        @Override
        public void onNext(GenerateResponse event) {
            events.incrementAndGet();
        }

        @Override
        public void onError(Throwable cause) {
            end.complete(cause);
        }

        @Override
        public void onCompleted() {
            end.complete(new AssertionError("it was not cut off"));
        }
    }

    private static TextOptions options(int kind) {
        TextOptions.Builder options = TextOptions.newBuilder().setMaxTokens(200).setMinTokens(200);
        return switch (kind % 3) {
            case 0 -> options.build();
            case 1 -> options.setNumBeams(4).build();
            default -> options.setTemperature(1).setN(3).build();
        };
    }

    private static GenerationServiceGrpc.GenerationServiceBlockingStub stub(int milliseconds) {
        return GenerationServiceGrpc.newBlockingStub(cluster.channel())
                .withDeadlineAfter(milliseconds, TimeUnit.MILLISECONDS);
    }

    private static GenerateRequest request(String... texts) {
        Prompt.Builder prompt = Prompt.newBuilder();
        for (String text : texts) {
            prompt.addParts(Part.newBuilder().setText(text));
        }
        return GenerateRequest.newBuilder()
                .setPrompt(prompt)
                .setText(TextOptions.newBuilder().setMaxTokens(8))
                .build();
    }

    private static GenerateResponse last(GenerateRequest request) {
        GenerateResponse[] last = new GenerateResponse[1];
        cluster.generation().generate(request).forEachRemaining(event -> last[0] = event);
        return last[0];
    }

    private static List<Integer> ids(GenerateResponse last) {
        return last.getFinished().getCandidates(0).getTokenIdsList();
    }

    private static void rank(String prompt, String... candidates) {
        RankRequest.Builder request = RankRequest.newBuilder()
                .setPrompt(Prompt.newBuilder().addParts(Part.newBuilder().setText(prompt)));
        for (String candidate : candidates) {
            request.addCandidates(candidate);
        }
        cluster.generation().rank(request.build());
    }

    /** Sends these bytes as the request of a Generate. */
    private static void send(byte[] bytes) {
        send(bytes, CallOptions.DEFAULT);
    }

    private static void send(byte[] bytes, CallOptions options) {
        MethodDescriptor<byte[], byte[]> method = GenerationServiceGrpc.getGenerateMethod().toBuilder(
                        new Bytes(), new Bytes())
                .build();
        ClientCalls.blockingServerStreamingCall(
                        cluster.channel(),
                        method,
                        options.withDeadlineAfter(PATIENCE.toSeconds(), TimeUnit.SECONDS),
                        bytes)
                .forEachRemaining(answer -> {});
    }

    private static void assertRefused(String field, Runnable call) {
        Throwable refused = catchThrowable(call::run);

        assertThat(Status.fromThrowable(refused).getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(Failures.detail(refused, BadRequest.class))
                .hasValueSatisfying(
                        bad -> assertThat(bad.getFieldViolations(0).getField()).isEqualTo(field));
    }

    private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return ByteStreams.toByteArray(stream);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
