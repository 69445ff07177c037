package io.dromaius.shard;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Stopwatch;
import com.google.common.base.Ticker;
import io.dromaius.node.rpc.FailureCode;
import io.dromaius.node.rpc.Failures;
import io.dromaius.proto.internal.v1.ExecuteRequest;
import io.dromaius.proto.internal.v1.LoadShardRequest;
import io.grpc.Status;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A chain that breaks says where, within three seconds, and works again when it is loaded anew. */
class ChainFailureTest {
    private static final Duration PROMPT = Duration.ofSeconds(3);
    /** Of a shard that is to be given up, longer than a machine stands still. */
    private static final Duration SILENCE = Duration.ofSeconds(3);

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aDeadShardIsNamedToTheOwner(int dead) throws Exception {
        try (Chain chain = Chain.of(Transport.TCP, 3);
                FreezingProxy proxy = new FreezingProxy(chain.shard(dead).endpoint())) {
            for (int i = 0; i < 3; i++) {
                LoadShardRequest.Builder order = chain.order(i, 1);
                chain.shard(i)
                        .stub()
                        .loadShard((i + 1 == dead ? order.setNextEndpoint(proxy.endpoint()) : order).build());
            }
            Steps steps = chain.open(1);
            steps.send(ShardChainTest.firstStep(steps));
            steps.result().close();

            // A server that is shut down may have a last word, which the dead have not.
            lostInTime(proxy::close, steps, "shard-" + dead);
            steps.resultsFailure();
        }
    }

    @Test
    void aShardThatIsNotThereIsNamedAtTheFirstStep() throws Exception {
        try (Chain chain = Chain.of(Transport.TCP, 2);
                ServerSocket closed = new ServerSocket(0)) {
            String nobody = "127.0.0.1:" + closed.getLocalPort();
            closed.close();
            Steps steps = loadTowards(chain, nobody);

            lostInTime(() -> steps.send(ShardChainTest.firstStep(steps)), steps, "shard-1");
        }
    }

    @Test
    void aPeerThatNeverReadsIsNamed() throws Exception {
        try (Chain chain = Chain.of(Transport.TCP, 2);
                ServerSocket deaf = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Steps steps = loadTowards(chain, "127.0.0.1:" + deaf.getLocalPort());

            lostInTime(() -> steps.send(ShardChainTest.firstStep(steps)), steps, "shard-1");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aFrozenShardIsNamedIdleOrUnderLoad(boolean underLoad) throws Exception {
        try (Chain chain = Chain.of(Transport.TCP, 2);
                FreezingProxy proxy = new FreezingProxy(chain.shard(1).endpoint())) {
            Steps steps = loadTowards(chain, proxy.endpoint());
            steps.openResults(chain.last().channel());
            steps.send(ShardChainTest.firstStep(steps));
            steps.result().close();

            lostInTime(
                    () -> {
                        proxy.freeze();
                        for (int step = 2; underLoad && step < 200; step++) {
                            steps.send(growing(steps, step));
                        }
                    },
                    steps,
                    "shard-1");
        }
    }

    @Test
    void aShardThatComputesForLongIsNotDead() throws Exception {
        ShardWorker.Pace quick = new ShardWorker.Pace(Duration.ofMillis(50), SILENCE);
        try (Chain chain = new Chain(Transport.TCP, quick)) {
            SlowLoader slow = new SlowLoader();
            chain.add(new FakeStage.Loader(Chain.LAYERS));
            chain.add(slow);
            chain.load(1);
            Steps steps = chain.open(1);

            steps.send(ShardChainTest.firstStep(steps));

            assertThat(slow.begun.await(Chain.PATIENCE_SECONDS, TimeUnit.SECONDS))
                    .isTrue();
            assertThat(slow.finish.await(SILENCE.toSeconds() + 2, TimeUnit.SECONDS))
                    .as("nobody ends the step")
                    .isFalse();
            assertThat(steps.alive()).isTrue();
            slow.finish.countDown();
            steps.result().close();
        }
    }

    /** Its clock jumps on and on, as that of a process does which is stopped again and again. */
    @Test
    void aPauseOfAShardIsNotTheSilenceOfTheNext() throws Exception {
        ShardWorker.Pace quick = new ShardWorker.Pace(Duration.ofMillis(50), Duration.ofMillis(800));
        AtomicLong seconds = new AtomicLong();
        Ticker jumping = new Ticker() {
            @Override
            public long read() {
                return TimeUnit.SECONDS.toNanos(seconds.incrementAndGet());
            }
        };
        try (Chain chain = new Chain(Transport.TCP, quick, jumping)) {
            SlowLoader slow = new SlowLoader();
            chain.add(new FakeStage.Loader(Chain.LAYERS));
            chain.add(slow);
            chain.load(1);
            Steps steps = chain.open(1);
            steps.send(ShardChainTest.firstStep(steps));
            assertThat(slow.finish.await(2, TimeUnit.SECONDS))
                    .as("nobody ends the step")
                    .isFalse();

            slow.finish.countDown();

            steps.result().close();
        }
    }

    @Test
    void aStageThatFailsIsNamedAndWorksAgainWhenLoadedAnew() throws Exception {
        try (Chain chain = new Chain(Transport.TCP)) {
            FailingLoader failing = new FailingLoader();
            chain.add(new FakeStage.Loader(Chain.LAYERS));
            chain.add(failing);
            chain.load(1);
            Steps steps = chain.open(1);
            failing.fails = true;

            steps.send(ShardChainTest.firstStep(steps));

            assertThat(Failures.codeOf(steps.failure())).contains(FailureCode.INTERNAL);
            assertThat(Failures.infoOf(steps.failure(), "shard")).contains("shard-1");
            assertThat(steps.failure()).hasMessageNotContaining("on fire");
            failing.fails = false;
            worksAgain(chain, 1);
        }
    }

    @Test
    void anInvalidFrameEndsItsStreamAndHarmsNothingElse() throws Exception {
        try (Chain chain = Chain.of(Transport.TCP, 2)) {
            chain.load(1);
            Steps steps = chain.open(1);

            steps.send(steps.step(1)
                    .addSlices(ShardChainTest.ids(1, 0, 0, List.of(64), 1, 2, 3))
                    .build());

            assertThat(Failures.codeOf(steps.failure())).contains(FailureCode.PROTOCOL);
            assertThat(steps.failure()).hasMessageContaining("no block 64");
            assertThat(Failures.infoOf(steps.failure(), "shard")).contains("shard-0");
            worksAgain(chain, 2);
        }
    }

    @Test
    void aFrameThatOnlyTheLastShardCanRefuseIsRefusedThere() throws Exception {
        try (Chain chain = Chain.of(Transport.TCP, 3)) {
            chain.load(1);
            Steps steps = chain.open(1);

            steps.send(ShardChainTest.firstStep(steps).toBuilder()
                    .addHeads(ShardChainTest.text(99))
                    .build());

            assertThat(steps.failure()).hasMessageContaining("a head reads row 99 of 3");
            assertThat(Failures.infoOf(steps.failure(), "shard")).contains("shard-2");
            worksAgain(chain, 2);
        }
    }

    @Test
    void aSecondStreamOfStepsIsRefused() throws Exception {
        try (Chain chain = Chain.of(Transport.TCP, 1)) {
            chain.load(1);
            Steps steps = chain.open(1);
            steps.send(ShardChainTest.firstStep(steps));
            steps.result().close();

            Steps second = chain.openSteps(1, Chain.OWNER);
            second.send(ShardChainTest.firstStep(second));

            assertThat(Failures.codeOf(second.failure())).contains(FailureCode.PROTOCOL);
            steps.send(steps.step(2).build());
            steps.result().close();
        }
    }

    @Test
    void anOwnerThatGoesLeavesNothingBehind() throws Exception {
        try (Chain chain = Chain.of(Transport.TCP, 2)) {
            chain.load(1);
            Steps steps = chain.open(1);
            steps.send(ShardChainTest.firstStep(steps));
            steps.result().close();

            steps.call().cancel("the owner goes", null);

            assertThat(Failures.codeOf(steps.resultsFailure())).contains(FailureCode.PEER_LOST);
            assertThat(Failures.infoOf(steps.resultsFailure(), "member"))
                    .as("the last shard cannot know who it was")
                    .isEmpty();
            worksAgain(chain, 2);
            Chain.awaitNothingLent();
        }
    }

    private static Steps loadTowards(Chain chain, String second) {
        LoadShardRequest first = chain.order(0, 1).setNextEndpoint(second).build();
        chain.shard(0).stub().loadShard(first);
        chain.shard(1).stub().loadShard(chain.order(1, 1).build());
        return chain.openSteps(1, Chain.OWNER);
    }

    private static void worksAgain(Chain chain, long epoch) {
        chain.load(epoch);
        Steps steps = chain.open(epoch);
        steps.send(ShardChainTest.firstStep(steps));
        steps.result().close();
    }

    private static ExecuteRequest growing(Steps steps, int step) {
        return steps.step(step)
                .addSlices(ShardChainTest.ids(step, 0, 0, List.of(step % 64), 1, 2, 3))
                .addReleased(step - 1)
                .build();
    }

    private interface Event {
        void happen() throws Exception;
    }

    /** From when it happens. */
    private static void lostInTime(Event event, Steps steps, String member) throws Exception {
        try (StallMeter meter = StallMeter.start()) {
            Stopwatch watch = Stopwatch.createStarted();
            event.happen();
            Throwable failure = steps.failure();
            Duration taken = watch.elapsed();
            assertThat(taken).isLessThan(meter.extend(PROMPT));
            lost(failure, member);
        }
    }

    private static void lost(Throwable failure, String member) {
        assertThat(Status.fromThrowable(failure).getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(Failures.codeOf(failure)).contains(FailureCode.PEER_LOST);
        assertThat(Failures.infoOf(failure, "member")).contains(member);
    }

    /** A stage that does as another one does, and something before. */
    private abstract static class Before extends FakeStage.Loader {
        Before() {
            super(Chain.LAYERS);
        }

        abstract void beforeStep() throws InterruptedException;

        @Override
        public Stage load(StageLayout layout) {
            return new FakeStage(layout.layers(), Chain.LAYERS, layout.maxBlocks(), layout.blockSize()) {
                @Override
                public StageOutput execute(Step step, ByteBuffer payload) {
                    try {
                        beforeStep();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    return super.execute(step, payload);
                }
            };
        }
    }

    private static final class SlowLoader extends Before {
        private final CountDownLatch begun = new CountDownLatch(1);
        private final CountDownLatch finish = new CountDownLatch(1);

        @Override
        void beforeStep() throws InterruptedException {
            begun.countDown();
            if (!finish.await(2 * Chain.PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException("the test does not end the step");
            }
        }
    }

    private static final class FailingLoader extends Before {
        private volatile boolean fails;

        @Override
        void beforeStep() {
            if (fails) {
                throw new IllegalStateException("the device is on fire");
            }
        }
    }
}
