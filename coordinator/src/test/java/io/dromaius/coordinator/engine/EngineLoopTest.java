package io.dromaius.coordinator.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Ticker;
import io.dromaius.coordinator.engine.Failure.Reason;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** How requests end that nobody answers, and how engines end. */
class EngineLoopTest {
    private final Bench bench = new Bench(Bench.config(100, 2));

    @Test
    void aCancelledRequestFreesItsBlocksWithTheNextFrame() {
        RecordingListener heard = bench.submit("gone", prompt(20), text(50));
        run(6);
        assertThat(bench.shard().blocksInUse()).isPositive();
        bench.loop().cancel("gone");
        bench.turn();
        assertThat(heard.failure()).map(Failure::reason).contains(Reason.CANCELLED);
        assertThat(bench.stats().blocksInUse()).isZero();
        // The very next frame says so, although nothing runs.
        StepPlan next = bench.sent().get(bench.sent().size() - 1);
        assertThat(next.slices()).isEmpty();
        assertThat(next.released()).hasSize(1);
        bench.runToEnd();
        assertThat(bench.shard().blocksInUse()).isZero();
        assertThat(bench.losses()).isEmpty();
    }

    @Test
    void blocksOfACancelledRequestMayBeReusedWhileItsStepIsInFlight() {
        RecordingListener gone = bench.submit("gone", prompt(300), text(50));
        bench.turn();
        RecordingListener next = bench.submit(prompt(300), text(3));
        bench.loop().cancel("gone");
        bench.runToEnd();
        assertThat(gone.outcome()).isEmpty();
        assertThat(next.candidates()).hasSize(1);
    }

    @Test
    void aQueuedRequestCanBeCancelled() {
        bench.submit("first", prompt(300), text(50));
        RecordingListener queued = bench.submit("second", prompt(300), text(50));
        bench.turn();
        assertThat(queued.scheduled()).isFalse();
        assertThat(bench.stats().queuedTokens()).isEqualTo(301);
        bench.loop().cancel("second");
        bench.turn();
        assertThat(queued.failure()).map(Failure::reason).contains(Reason.CANCELLED);
    }

    @Test
    void deadlinesEndRunningAndQueuedRequestsAtOnce() {
        RecordingListener running = submitUntil("running", prompt(300), Duration.ofSeconds(1));
        RecordingListener queued = submitUntil("queued", prompt(300), Duration.ofMillis(500));
        bench.turn();
        bench.ticker().advance(Duration.ofMillis(499));
        bench.turn();
        assertThat(queued.ended()).isFalse();
        bench.ticker().advance(Duration.ofMillis(1));
        bench.turn();
        assertThat(queued.failure()).map(Failure::reason).contains(Reason.DEADLINE_EXCEEDED);
        assertThat(running.ended()).isFalse();
        bench.ticker().advance(Duration.ofMillis(500));
        bench.turn();
        assertThat(running.failure()).map(Failure::reason).contains(Reason.DEADLINE_EXCEEDED);
        assertThat(bench.stats().blocksInUse()).isZero();
        bench.runToEnd();
        assertThat(bench.shard().blocksInUse()).isZero();
    }

    @Test
    void aLostPipelineFailsRequestsByWhatTheyHaveHeard() {
        RecordingListener began = bench.submit(prompt(3), text(50));
        run(4);
        RecordingListener silent = bench.submit(prompt(40), text(50));
        bench.turn();
        bench.loop().onPipelineLost("shard 1 died");
        bench.turn();
        assertThat(began.failure()).contains(new Failure(Reason.LOST_AFTER_OUTPUT, "shard 1 died"));
        assertThat(silent.failure()).contains(new Failure(Reason.LOST_BEFORE_OUTPUT, "shard 1 died"));
        RecordingListener late = bench.submit(prompt(3), text(5));
        bench.answerOldest();
        bench.turn();
        assertThat(late.failure()).map(Failure::reason).contains(Reason.LOST_BEFORE_OUTPUT);
        // The owner knows; and nothing more is sent.
        assertThat(bench.losses()).isEmpty();
        int sent = bench.sent().size();
        bench.ticker().advance(Duration.ofMinutes(1));
        bench.turn();
        assertThat(bench.sent()).hasSize(sent);
    }

    @Test
    void aStepWithoutResultGivesThePipelineUp() {
        RecordingListener heard = bench.submit(prompt(3), text(50));
        run(3);
        bench.ticker().advance(Duration.ofMillis(1999));
        bench.turn();
        assertThat(heard.ended()).isFalse();
        bench.ticker().advance(Duration.ofMillis(1));
        bench.turn();
        assertThat(heard.failure()).map(Failure::reason).contains(Reason.LOST_AFTER_OUTPUT);
        assertThat(bench.losses()).hasSize(1);
        bench.turn();
        assertThat(bench.losses()).hasSize(1);
    }

    @Test
    void aStepIsTimedFromWhenTheOneBeforeItWasAnswered() {
        for (int i = 0; i < 4; i++) {
            bench.submit(prompt(3), text(50));
        }
        run(3);
        assertThat(bench.inFlight()).isEqualTo(2);
        for (int i = 0; i < 5; i++) {
            bench.ticker().advance(Duration.ofMillis(1500));
            run(1);
        }
        assertThat(bench.losses()).isEmpty();
    }

    @Test
    void aResultOfAnotherStepOrShapeGivesThePipelineUp() {
        RecordingListener heard = bench.submit(prompt(3), text(50));
        bench.turn();
        bench.loop().onStepDone(new StepResult(1, List.of(), ByteBuffer.allocate(0), 0));
        bench.turn();
        assertThat(heard.failure()).map(Failure::reason).contains(Reason.LOST_BEFORE_OUTPUT);
        assertThat(bench.losses()).hasSize(1);
    }

    @Test
    void aStoppedEngineLeavesNobodyWaiting() {
        RecordingListener heard = bench.submit(prompt(3), text(8));
        bench.loop().stop();
        RecordingListener late = bench.submit(prompt(3), text(8));
        bench.loop().run();
        assertThat(heard.failure()).map(Failure::reason).contains(Reason.CANCELLED);
        assertThat(late.failure()).map(Failure::reason).contains(Reason.LOST_BEFORE_OUTPUT);
    }

    @Test
    void aListenerThatThrowsEndsItsOwnRequestOnly() {
        List<Failure> failures = new ArrayList<>();
        GenerationListener defective = new GenerationListener() {
            @Override
            public void onText(int candidate, String delta, List<Token> tokens) {
                throw new IllegalStateException("defective");
            }

            @Override
            public void onFailed(Failure failure) {
                failures.add(failure);
            }
        };
        RecordingListener other = bench.submit(prompt(3), text(8));
        bench.loop().submit(unbounded(), defective);
        bench.runToEnd();
        assertThat(failures).extracting(Failure::reason).containsExactly(Reason.INTERNAL);
        assertThat(other.candidates()).hasSize(1);
        assertThat(bench.stats().blocksInUse()).isZero();
    }

    @ParameterizedTest
    @MethodSource
    void aRequestWhoseScoresOrEmbeddingsAreNotFiniteEndsAlone(GenerationTask task) {
        RecordingListener broken = bench.submit(prompt(3), task);
        RecordingListener other = bench.submit(prompt(3), text(8));
        bench.turn();
        bench.answerOldestNotFinite(0);
        bench.runToEnd();
        assertThat(broken.failure()).map(Failure::reason).contains(Reason.NOT_FINITE);
        assertThat(broken.outcome()).isEmpty();
        assertThat(other.candidates()).hasSize(1);
        assertThat(bench.losses()).isEmpty();
        assertThat(bench.stats().blocksInUse()).isZero();
    }

    static Stream<GenerationTask> aRequestWhoseScoresOrEmbeddingsAreNotFiniteEndsAlone() {
        return Stream.of(text(8), new GenerationTask.Draw());
    }

    @Test
    void aListenerThatThrowsWhenItIsRefusedKeepsNobodyBehindItWaiting() {
        bench.loop().onPipelineLost("shard 1 died");
        bench.loop().submit(unbounded(), failure -> {
            throw new IllegalStateException("defective");
        });
        RecordingListener behind = bench.submit(prompt(3), text(8));
        bench.turn();
        assertThat(behind.failure()).map(Failure::reason).contains(Reason.LOST_BEFORE_OUTPUT);
    }

    @Test
    void anIdInUseIsRefused() {
        RecordingListener first = bench.submit("same", prompt(3), text(2));
        RecordingListener second = bench.submit("same", prompt(3), text(2));
        bench.runToEnd();
        assertThat(first.candidates()).hasSize(1);
        assertThat(second.failure()).map(Failure::reason).contains(Reason.INTERNAL);
        RecordingListener third = bench.submit("same", prompt(3), text(2));
        bench.runToEnd();
        assertThat(third.candidates()).hasSize(1);
    }

    @Test
    void theLoopWakesForADeadlineByItself() throws Exception {
        CompletableFuture<Failure> failed = new CompletableFuture<>();
        Ticker ticker = Ticker.systemTicker();
        EngineLoop loop = new EngineLoop(Bench.config(100, 2), Bench.MODEL, LetterText::new, new Silence(), ticker);
        Thread thread = new Thread(loop, "engine");
        thread.start();
        long deadline = ticker.read() + Duration.ofMillis(50).toNanos();
        loop.submit(new GenerationRequest("late", prompt(3), text(5), deadline), failed::complete);
        assertThat(failed.get(30, TimeUnit.SECONDS).reason()).isEqualTo(Reason.DEADLINE_EXCEEDED);
        loop.stop();
        thread.join(30_000);
        assertThat(thread.isAlive()).isFalse();
    }

    /** A pipeline that never answers. */
    private static final class Silence implements StepSink {
        @Override
        public void send(StepPlan plan) {
            assertThat(plan.step()).isPositive();
        }

        @Override
        public void lost(String cause) {
            throw new AssertionError(cause);
        }
    }

    private RecordingListener submitUntil(String id, List<InputRun> prompt, Duration deadline) {
        RecordingListener listener = new RecordingListener();
        bench.loop()
                .submit(
                        new GenerationRequest(
                                id, prompt, text(50), bench.ticker().read() + deadline.toNanos()),
                        listener);
        return listener;
    }

    private void run(int steps) {
        bench.turn();
        for (int i = 0; i < steps; i++) {
            bench.answerOldest();
            bench.turn();
        }
    }

    private static GenerationTask text(int tokens) {
        return new GenerationTask.Generate(
                TextOptions.builder(tokens).minTokens(tokens).build(), false);
    }

    private static List<InputRun> prompt(int length) {
        return List.of(
                InputRun.Ids.of(ToyModel.BOS),
                InputRun.Ids.of(IntStream.range(0, length).map(i -> 3 + i % 9).toArray()));
    }

    private static GenerationRequest unbounded() {
        return new GenerationRequest(
                "unbounded", prompt(3), text(8), Duration.ofHours(1).toNanos());
    }
}
