package io.dromaius.client;

import static io.dromaius.client.FakeGenerationService.answer;
import static io.dromaius.client.FakeGenerationService.chunk;
import static io.dromaius.client.FakeGenerationService.finished;
import static io.dromaius.client.FakeGenerationService.imageDone;
import static io.dromaius.client.FakeGenerationService.started;
import static io.dromaius.client.FakeGenerationService.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.dromaius.client.FakeGenerationService.Script;
import io.dromaius.proto.v1.GenerateRequest;
import io.dromaius.proto.v1.OutputMode;
import io.dromaius.proto.v1.TextOptions;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import java.io.IOException;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the client promises, whatever carries the bytes. */
abstract class EmuClientContract {
    private static final Prompt HELLO = Prompt.of("hello");

    private final FakeGenerationService service = new FakeGenerationService();
    private final FakeClusterService cluster = new FakeClusterService();
    private Server server;
    private EmuClient emu;

    /** Starts a server of both services. */
    abstract Server serve(FakeGenerationService generation, FakeClusterService cluster) throws IOException;

    /** A builder of clients, without endpoints. */
    abstract EmuClientBuilder client();

    abstract String address(Server server);

    /** An address at which nobody answers. */
    abstract String nobody();

    @BeforeEach
    void start() throws IOException {
        server = serve(service, cluster);
        emu = client().endpoint(address(server))
                .retries(new RetryPolicy(3, Duration.ofMillis(1), Duration.ofMillis(10), 2))
                .deadline(Duration.ofSeconds(60))
                .build();
    }

    @AfterEach
    void stop() throws InterruptedException {
        emu.close();
        server.shutdownNow();
        assertThat(server.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void generateReturnsTheWholeAnswer() {
        service.then(answer("a ", "dog"));

        Generation generation = emu.generate(HELLO, GenerationOptions.defaults());

        assertThat(generation.text()).isEqualTo("a dog");
        assertThat(generation.requestId()).isEqualTo("r-1");
        assertThat(generation.candidates().get(0).reason()).isEqualTo(FinishReason.END);
        assertThat(generation.candidates().get(0).tokenIds()).containsExactly(5, 2);
    }

    @Test
    void partsTravelInOrderAndUnsetOptionsStayUnset() {
        service.then(answer("x"));
        Prompt prompt = Prompt.builder()
                .text("first")
                .image(new byte[] {1})
                .video(new byte[] {2}, 4)
                .text("last")
                .build();

        emu.generate(prompt, GenerationOptions.builder().maxTokens(9).build());

        GenerateRequest request = service.requests.get(0);
        assertThat(request.getPrompt().getPartsList())
                .extracting(part -> part.getPartCase().name())
                .containsExactly("TEXT", "IMAGE", "VIDEO", "TEXT");
        assertThat(request.getPrompt().getParts(2).getVideo().getFrames()).isEqualTo(4);
        assertThat(request.getText())
                .isEqualTo(TextOptions.newBuilder().setMaxTokens(9).build());
        assertThat(request.hasImage()).isFalse();
    }

    @Test
    void streamYieldsEventsAsTheyCome() {
        service.then(answer("a", "b"));
        StringBuilder heard = new StringBuilder();

        try (GenerationStream events = emu.stream(HELLO, GenerationOptions.defaults())) {
            for (GenerationEvent event : events) {
                if (event instanceof GenerationEvent.TextDelta delta) {
                    heard.append(delta.text()).append('|');
                }
            }
        }

        assertThat(heard).hasToString("a|b|");
    }

    @Test
    void drawPutsTheChunksTogether() {
        service.then(call -> {
            call.onNext(started(0));
            call.onNext(chunk(1, 0, new byte[] {1, 2}));
            call.onNext(chunk(2, 2, new byte[] {3}));
            call.onNext(imageDone(3, 3, true));
            call.onNext(finished(4, ""));
            call.onCompleted();
        });

        Picture picture = emu.draw("a dog");

        assertThat(picture.png()).containsExactly(1, 2, 3);
        assertThat(picture.flagged()).isTrue();
        assertThat(picture.seed()).isEqualTo(42);
        assertThat(service.requests.get(0).getOutputModesList()).containsExactly(OutputMode.OUTPUT_MODE_IMAGE);
    }

    @Test
    void missingBytesOfAPictureAreAnError() {
        service.then(call -> {
            call.onNext(started(0));
            call.onNext(chunk(1, 0, new byte[] {1, 2}));
            call.onNext(imageDone(2, 3, false));
        });

        assertThatThrownBy(() -> emu.draw("a dog"))
                .isInstanceOf(ServerException.class)
                .hasMessageContaining("2 bytes of 3");
    }

    @Test
    void aGapInTheEventsIsAnError() {
        service.then(call -> {
            call.onNext(started(0));
            call.onNext(text(2, "lost one"));
        });

        assertThatThrownBy(() -> emu.generate(HELLO, GenerationOptions.defaults()))
                .isInstanceOf(ServerException.class)
                .hasMessageContaining("event 2 arrived where 1 was due");
    }

    @Test
    void anAnswerWithoutAnEndIsAnError() {
        service.then(call -> {
            call.onNext(started(0));
            call.onCompleted();
        });

        assertThatThrownBy(() -> emu.generate(HELLO, GenerationOptions.defaults()))
                .isInstanceOf(ServerException.class)
                .hasMessageContaining("no end");
    }

    @Test
    void aBadRequestNamesTheField() {
        service.then(failure(
                Code.INVALID_ARGUMENT,
                "prompt is empty",
                BadRequest.newBuilder()
                        .addFieldViolations(BadRequest.FieldViolation.newBuilder()
                                .setField("prompt.parts")
                                .setDescription("must not be empty"))
                        .build()));

        InvalidRequestException e = catchThrowableOfType(
                InvalidRequestException.class, () -> emu.generate(HELLO, GenerationOptions.defaults()));

        assertThat(e.field()).contains("prompt.parts");
        assertThat(e.violations()).containsExactly(new FieldViolation("prompt.parts", "must not be empty"));
        assertThat(e).hasMessage("prompt is empty");
        assertThat(service.requests).hasSize(1);
    }

    @Test
    void aFullQueueIsTriedAgainWhenTheClusterSaysSo() {
        service.then(overloaded(Duration.ofMillis(150))).then(answer("late"));
        long before = System.nanoTime();

        assertThat(emu.generate(HELLO, GenerationOptions.defaults()).text()).isEqualTo("late");

        assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThanOrEqualTo(Duration.ofMillis(150));
        assertThat(service.requests).hasSize(2);
    }

    @Test
    void retriesEndWithTheLastFailure() {
        Duration wait = Duration.ofMillis(1);
        service.then(overloaded(wait)).then(overloaded(wait)).then(overloaded(wait));

        OverloadedException e = catchThrowableOfType(
                OverloadedException.class, () -> emu.generate(HELLO, GenerationOptions.defaults()));

        assertThat(e.limit()).contains("4096 tokens");
        assertThat(e.retryAfter()).contains(wait);
        assertThat(service.requests).hasSize(3);
    }

    @Test
    void aWaitBeyondTheDeadlineIsNotBegun() {
        service.then(overloaded(Duration.ofMinutes(5)));

        assertThatThrownBy(() -> emu.generate(HELLO, GenerationOptions.defaults()))
                .isInstanceOf(OverloadedException.class);
        assertThat(service.requests).hasSize(1);
    }

    @Test
    void anUnreachableCoordinatorIsLeftForTheNext() {
        service.then(answer("here"));

        try (EmuClient two =
                client().endpoint(nobody()).endpoint(address(server)).build()) {
            assertThat(two.generate(HELLO, GenerationOptions.defaults()).text()).isEqualTo("here");
        }
    }

    @Test
    void nothingIsTriedAgainAfterTheFirstEvent() {
        service.then(call -> {
            call.onNext(started(0));
            call.onError(Status.UNAVAILABLE.withDescription("gone").asRuntimeException());
        });

        assertThatThrownBy(() -> emu.generate(HELLO, GenerationOptions.defaults()))
                .isInstanceOf(UnavailableException.class);
        assertThat(service.requests).hasSize(1);
    }

    @Test
    void aPipelineLostOnTheWayShowsAsAborted() {
        service.then(call -> {
            call.onNext(started(0));
            call.onError(Status.ABORTED.withDescription("shard s-2 is gone").asRuntimeException());
        });

        assertThatThrownBy(() -> emu.generate(HELLO, GenerationOptions.defaults()))
                .isInstanceOf(GenerationAbortedException.class)
                .hasMessage("shard s-2 is gone");
    }

    @Test
    void theDeadlineEndsACallThatDoesNotAnswer() {
        service.then(call -> {});

        assertThatThrownBy(() -> emu.generate(
                        HELLO,
                        GenerationOptions.builder()
                                .deadline(Duration.ofMillis(100))
                                .build()))
                .isInstanceOf(DeadlineException.class)
                .hasMessage("the call's deadline passed");
    }

    @Test
    void closingTheStreamCancelsTheCall() throws InterruptedException {
        service.then(call -> call.onNext(started(0)));
        try (GenerationStream events = emu.stream(HELLO, GenerationOptions.defaults())) {
            assertThat(events.iterator().next()).isInstanceOf(GenerationEvent.Started.class);
        }

        assertThat(service.cancelled.await(60, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aClosedStreamThrowsInsteadOfWaiting() {
        service.then(call -> {});
        GenerationStream events = emu.stream(HELLO, GenerationOptions.defaults());
        Iterator<GenerationEvent> iterator = events.iterator();

        events.close();

        assertThatThrownBy(iterator::hasNext).isInstanceOf(GenerationCancelledException.class);
    }

    @Test
    void aSubscriberGetsNoMoreThanItRequested() throws InterruptedException {
        service.then(answer("a", "b", "c"));
        Recorder recorder = new Recorder();
        emu.publish(HELLO, GenerationOptions.defaults()).subscribe(recorder);

        recorder.subscription().request(2);
        recorder.awaitEvents(2);
        assertThat(recorder.hasMore()).isFalse();
        recorder.subscription().request(1);
        recorder.awaitEvents(1);
        assertThat(recorder.hasMore()).isFalse();

        recorder.subscription().request(Long.MAX_VALUE);
        recorder.awaitEnd();
        assertThat(recorder.failure).isNull();
        assertThat(recorder.events).hasSize(5);
    }

    @Test
    void demandOutlivesAFailedTry() throws InterruptedException {
        service.then(overloaded(Duration.ofMillis(5))).then(answer("a", "b"));
        Recorder recorder = new Recorder();
        emu.publish(HELLO, GenerationOptions.defaults()).subscribe(recorder);

        recorder.subscription().request(2);
        recorder.awaitEvents(2);
        recorder.subscription().request(2);
        recorder.awaitEnd();

        assertThat(recorder.events).hasSize(4);
    }

    @Test
    void aRequestForNothingFailsTheSubscription() throws InterruptedException {
        service.then(answer("a"));
        Recorder recorder = new Recorder();
        emu.publish(HELLO, GenerationOptions.defaults()).subscribe(recorder);

        recorder.subscription().request(0);
        recorder.awaitEnd();

        assertThat(recorder.failure).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void cancellingTheFutureCancelsTheCall() throws InterruptedException {
        service.then(call -> call.onNext(started(0)));
        CompletableFuture<Generation> future = emu.generateAsync(HELLO, GenerationOptions.defaults());

        assertThat(future.cancel(true)).isTrue();

        // A call cancelled before it reached the server leaves no trace there.
        assertThat(service.requests.isEmpty() || service.cancelled.await(60, TimeUnit.SECONDS))
                .isTrue();
    }

    @Test
    void theFutureHoldsTheWholeAnswer() throws Exception {
        service.then(answer("later"));

        assertThat(emu.generateAsync(HELLO, GenerationOptions.defaults())
                        .get(60, TimeUnit.SECONDS)
                        .text())
                .isEqualTo("later");
    }

    @Test
    void rankReturnsTheBestFirst() {
        Ranking ranking = emu.rank(HELLO, List.of("yes", "no"), 2);

        assertThat(ranking.best()).isEqualTo("no");
        assertThat(ranking.losses()).containsExactly(2f, 1f);
        assertThat(service.rankings.get(0).getNSegments()).isEqualTo(2);
    }

    @Test
    void captionsAreAskedForInTheModelsOwnWords() {
        cluster.setInstruct(true);
        service.then(answer(" two dogs "));

        assertThat(emu.caption(new byte[] {1})).isEqualTo("two dogs");

        assertThat(service.requests.get(0).getPrompt().getParts(2).getText())
                .endsWith("[ASSISTANT]: the image depicts a photo of");
    }

    @Test
    void aChatTravelsAsTurns() {
        service.then(answer("yes"));

        emu.generate(
                Prompt.chat()
                        .system("Be brief.")
                        .user("Hi.")
                        .assistant("Hello.")
                        .user(Prompt.builder()
                                .image(new byte[] {1})
                                .text("A dog?")
                                .build())
                        .build(),
                GenerationOptions.defaults());

        GenerateRequest request = service.requests.get(0);
        assertThat(request.getChat().getSystem()).isEqualTo("Be brief.");
        assertThat(request.getChat().getTurnsList())
                .extracting(turn -> turn.getRole().name())
                .containsExactly("ROLE_USER", "ROLE_ASSISTANT", "ROLE_USER");
        assertThat(request.getChat().getTurns(2).getPartsCount()).isEqualTo(2);
    }

    private static Script overloaded(Duration wait) {
        com.google.protobuf.Duration delay = com.google.protobuf.Duration.newBuilder()
                .setSeconds(wait.getSeconds())
                .setNanos(wait.getNano())
                .build();
        return failure(
                Code.RESOURCE_EXHAUSTED,
                "the queue is full",
                RetryInfo.newBuilder().setRetryDelay(delay).build(),
                ErrorInfo.newBuilder()
                        .setReason("QUEUE_FULL")
                        .putMetadata("limit", "4096 tokens")
                        .build());
    }

    private static Script failure(Code code, String message, Message... details) {
        com.google.rpc.Status.Builder status =
                com.google.rpc.Status.newBuilder().setCode(code.getNumber()).setMessage(message);
        for (Message detail : details) {
            status.addDetails(Any.pack(detail));
        }
        return call -> call.onError(StatusProto.toStatusRuntimeException(status.build()));
    }
}
