package io.dromaius.coordinator.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.base.Ticker;
import com.google.common.primitives.ImmutableIntArray;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.MoreExecutors;
import com.google.protobuf.ByteString;
import io.dromaius.coordinator.engine.GenerationListener;
import io.dromaius.coordinator.engine.GenerationRequest;
import io.dromaius.coordinator.engine.GenerationTask;
import io.dromaius.coordinator.pipeline.ServingPipeline;
import io.dromaius.coordinator.vision.ContentKey;
import io.dromaius.coordinator.vision.DecoderPool;
import io.dromaius.coordinator.vision.EmbeddingCache;
import io.dromaius.coordinator.vision.EncoderPool;
import io.dromaius.coordinator.vision.Media;
import io.dromaius.coordinator.vision.MediaEncoder;
import io.dromaius.coordinator.vision.VisualEmbeddings;
import io.dromaius.coordinator.vision.WorkerPool;
import io.dromaius.model.spec.PictureSpec;
import io.dromaius.node.rpc.FailureCode;
import io.dromaius.node.rpc.Failures;
import io.dromaius.proto.internal.v1.DType;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** With an executor that runs events at once. */
final class AdmittedCallTest {
    private static final RequestLimits LIMITS =
            new RequestLimits(100, 300, 32, new PictureSpec(4, 8, 4, 3), 16, 4, 8, 3, 50);
    private static final PromptInput PROMPT =
            new PromptInput(ImmutableIntArray.of(1, 5, 6), ImmutableIntArray.of(), List.of());
    private static final Admission.Load EMPTY = new Admission.Load(0, 0, 0, 100);

    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final Admission admission = new Admission(100);
    private final EmbeddingCache cache = new EmbeddingCache(100);
    private final FakePipeline pipeline = new FakePipeline();
    private final Outcomes outcomes = new Outcomes();
    private final List<String> told = new ArrayList<>();
    private Optional<ServingPipeline> serving = Optional.of(pipeline);

    @AfterEach
    void stop() {
        timer.shutdownNow();
    }

    @Test
    void itWaitsThenRunsThenEndsWithEverythingGivenBack() {
        AdmittedCall call = admit();
        assertThat(admission.load().queued()).isEqualTo(1);

        start(call);
        call.onEvent(call::scheduled);
        assertThat(pipeline.submitted).hasSize(1);
        assertThat(admission.load()).isEqualTo(new Admission.Load(1, 0, 0, 100));

        call.onEvent(() -> call.end("OK", () -> told.add("OK")));
        assertThat(admission.load()).isEqualTo(EMPTY);
        assertThat(pipeline.released).isEqualTo(pipeline.submitted);
        assertThat(outcomes.ended).containsExactly("Rank OK");
        assertThat(told).containsExactly("freed", "OK");
    }

    @Test
    void nothingHappensAfterTheEnd() {
        AdmittedCall call = admit();
        start(call);
        call.onEvent(() -> call.end("OK", () -> told.add("OK")));

        call.onEvent(() -> told.add("late"));
        call.onEvent(() -> call.fail(Failures.of(FailureCode.CANCELLED, "late").build()));

        assertThat(told).containsExactly("freed", "OK");
        assertThat(outcomes.ended).hasSize(1);
    }

    @Test
    void theEndOfItsContextIsItsEnd() {
        Context.CancellableContext context = Context.current().withCancellation();
        context.run(() -> start(admit()));
        context.cancel(null);

        assertThat(told).containsExactly("freed", "CANCELLED: the client cancelled");
        assertThat(outcomes.ended).containsExactly("Rank CANCELLED");
        assertThat(admission.load()).isEqualTo(EMPTY);
    }

    @Test
    void aContextThatEndsByItsDeadlineSaysSo() {
        Context.CancellableContext late = Context.current().withDeadlineAfter(-1, TimeUnit.SECONDS, timer);
        late.run(() -> start(admit()));

        assertThat(told).containsExactly("freed", "DEADLINE_EXCEEDED: the deadline passed");
        assertThat(outcomes.ended).containsExactly("Rank DEADLINE");
        assertThat(pipeline.submitted).isEmpty();
        assertThat(admission.load()).isEqualTo(EMPTY);
    }

    @Test
    void aDefectEndsTheCallAndTheClientHearsNothingOfIt() {
        AdmittedCall call = admit();
        start(call);

        call.onEvent(() -> {
            throw new IllegalStateException("a defect, as this test wants it");
        });

        assertThat(told).containsExactly("freed", "INTERNAL: internal error; the log has it under request id r");
        assertThat(outcomes.ended).containsExactly("Rank INTERNAL");
        assertThat(admission.load()).isEqualTo(EMPTY);
    }

    @Test
    void aDefectInTellingTheEndIsToldInstead() {
        AdmittedCall call = admit();
        start(call);

        call.onEvent(() -> call.end("OK", () -> {
            throw new IllegalStateException("a defect, as this test wants it");
        }));

        assertThat(told).containsExactly("freed", "INTERNAL: internal error; the log has it under request id r");
        assertThat(outcomes.ended).containsExactly("Rank OK");
        assertThat(admission.load()).isEqualTo(EMPTY);
    }

    @Test
    void withoutAPipelineItLeavesTheQueueAtOnce() {
        serving = Optional.empty();

        assertThatThrownBy(this::admit)
                .satisfies(refused -> assertThat(Failures.codeOf(refused)).contains(FailureCode.NO_CAPACITY));
        assertThat(admission.load()).isEqualTo(EMPTY);
    }

    @Test
    void onceItsPicturesAreEncodedTheirBytesAreNeededNoLonger() {
        Media picture = Media.image(ByteString.copyFromUtf8("a picture"));
        cache.get(ContentKey.of(picture, pipeline.dtype()), () -> Futures.immediateFuture(embeddings()));
        PromptInput prompt = new PromptInput(
                ImmutableIntArray.of(1, 9), ImmutableIntArray.of(1), List.of(new PromptInput.Part("f", picture)));
        AtomicLong released = new AtomicLong();
        PromptSubmission submission = submission(prompt, released::addAndGet);
        assertThat(released).hasValue(0);

        submission.start(new GenerationTask.Draw(), null, failed -> {}, failure -> {});

        assertThat(pipeline.submitted).hasSize(1);
        assertThat(released).hasValue(picture.data().size());
        assertThat(submission.usage().getInputImages()).isEqualTo(1);
    }

    @Test
    void onceItIsOverNoByteOfItsMessageIsNeeded() {
        AtomicLong released = new AtomicLong();
        PromptSubmission submission = submission(PROMPT, released::set);

        submission.cancel();

        assertThat(released).hasValue(Long.MAX_VALUE);
    }

    private PromptSubmission submission(PromptInput prompt, LongConsumer release) {
        CallResources resources = resources();
        return new PromptSubmission(
                resources,
                "r",
                prompt,
                pipeline,
                MoreExecutors.directExecutor(),
                new CallTimes(resources.ticker()),
                release);
    }

    private VisualEmbeddings embeddings() {
        return new VisualEmbeddings(pipeline.dtype(), 1, 1, 1, ByteBuffer.allocate(4));
    }

    private AdmittedCall admit() {
        CallResources resources = resources();
        return new AdmittedCall(
                "Rank", "r", resources, new CallTimes(resources.ticker()), PROMPT, PROMPT.tokens(), new Ending());
    }

    private static void start(AdmittedCall call) {
        call.start(new GenerationTask.Draw(), failure -> {});
    }

    @SuppressWarnings("NullAway") // nothing is assembled here
    private CallResources resources() {
        WorkerPool workers = new WorkerPool(
                member -> InProcessChannelBuilder.forName(member.getId()).build(), timer);
        Duration timeout = Duration.ofSeconds(20);
        return new CallResources(
                new RequestValidator("emu", LIMITS),
                new RequestAssembler(null, null, LIMITS),
                admission,
                () -> serving,
                new MediaEncoder(cache, new EncoderPool(workers, timeout)),
                new DecoderPool(workers, timeout),
                outcomes,
                MoreExecutors.directExecutor(),
                Ticker.systemTicker(),
                () -> 1,
                100);
    }

    private final class Ending implements AdmittedCall.Ending {
        @Override
        public void onFailed(RuntimeException failure) {
            Status status = Status.fromThrowable(failure);
            told.add(status.getCode() + ": " + status.getDescription());
        }

        @Override
        public void onEnded() {
            told.add("freed");
        }
    }

    /** Keeps the ids of what comes and goes. */
    private static final class FakePipeline implements ServingPipeline {
        final List<String> submitted = new ArrayList<>();
        final List<String> released = new ArrayList<>();

        @Override
        public String id() {
            return "p0";
        }

        @Override
        public DType dtype() {
            return DType.D_TYPE_FP32;
        }

        @Override
        public VisualEmbeddings unconditional() {
            throw new AssertionError("nothing is drawn here");
        }

        @Override
        public void submit(GenerationRequest request, GenerationListener listener) {
            submitted.add(request.id());
        }

        @Override
        public void release(String requestId) {
            released.add(requestId);
        }
    }

    /** Keeps how calls ended. */
    private static final class Outcomes implements GenerationMetrics {
        final List<String> ended = new ArrayList<>();

        @Override
        public void firstOutput(double seconds) {}

        @Override
        public void betweenTokens(double seconds) {}

        @Override
        public void promptTokens(int count) {}

        @Override
        public void generatedTokens(int count) {}

        @Override
        public void encoded(double seconds, int pictures, int cachedPictures) {}

        @Override
        public void drawn(double seconds) {}

        @Override
        public void ended(String method, String outcome) {
            ended.add(method + " " + outcome);
        }
    }
}
