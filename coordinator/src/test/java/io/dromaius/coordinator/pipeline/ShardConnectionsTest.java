package io.dromaius.coordinator.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Ticker;
import com.google.common.primitives.ImmutableIntArray;
import io.dromaius.coordinator.engine.EngineModel;
import io.dromaius.coordinator.engine.InputRun;
import io.dromaius.coordinator.engine.StepResult;
import io.dromaius.node.rpc.FailureCode;
import io.dromaius.node.rpc.Failures;
import io.dromaius.proto.internal.v1.DType;
import io.dromaius.proto.internal.v1.ExecuteRequest;
import io.dromaius.proto.internal.v1.ExecuteResponse;
import io.dromaius.proto.internal.v1.LoadShardRequest;
import io.dromaius.proto.internal.v1.LoadShardResponse;
import io.dromaius.proto.internal.v1.PipelinePlacement;
import io.dromaius.proto.internal.v1.StagePlacement;
import io.dromaius.proto.internal.v1.StageTiming;
import io.dromaius.proto.internal.v1.StreamResultsRequest;
import io.dromaius.proto.internal.v1.StreamResultsResponse;
import io.dromaius.wire.TensorFrame;
import io.dromaius.wire.TensorShardService;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class ShardConnectionsTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    private final String run = UUID.randomUUID().toString();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final List<Server> servers = new ArrayList<>();
    private final Told told = new Told();
    private final ShardConnections connections =
            new ShardConnections(placement(), DType.D_TYPE_FP32, environment(), told);

    @AfterEach
    void stop() {
        connections.close();
        servers.forEach(Server::shutdownNow);
        timer.shutdownNow();
    }

    @Test
    void whenAllShardsHaveLoadedTheAnswersComeInTheOrderOfTheStages() throws Exception {
        serve("a", new FakeShard(request -> answer(7)));
        serve("b", new FakeShard(request -> answer(5)));
        connections.load();

        assertThat(told.next()).isEqualTo("loaded [7, 5]");
    }

    @Test
    void shardsAreAskedToLoadAsTheSettingsSay() throws Exception {
        List<LoadShardRequest> asked = new CopyOnWriteArrayList<>();
        for (String shard : List.of("a", "b")) {
            serve(shard, new FakeShard(request -> {
                asked.add(request);
                return answer(7);
            }));
        }
        connections.load();

        assertThat(told.next()).isEqualTo("loaded [7, 7]");
        assertThat(asked).hasSize(2).allSatisfy(request -> {
            assertThat(request.getDtype()).isEqualTo(DType.D_TYPE_FP32);
            assertThat(request.getBlockSize()).isEqualTo(16);
            assertThat(request.getMaxBlocks()).isEqualTo(100);
            assertThat(request.getBatchInvariant()).isTrue();
        });
    }

    @Test
    void theFirstShardTakesStepsOnceItIsHeard() throws Exception {
        serve("a", new FakeShard(request -> answer(7)));
        serve("b", new FakeShard(request -> answer(7)));
        connections.open();

        assertThat(told.next()).isEqualTo("open");
    }

    @Test
    void aShardThatIsNotThereIsNamed() throws Exception {
        serve("a", new FakeShard(request -> answer(7)));
        connections.load();

        assertThat(told.next()).startsWith("lost Optional[b]: shard b did not load");
    }

    @Test
    void aLossThatNamesNoShardIsADoubtAtOnceAndWaitsForOneThatDoes() throws Exception {
        serve("a", new FakeShard(request -> answer(7)));
        CountDownLatch heard = new CountDownLatch(1);
        timer.execute(() -> awaitQuietly(heard)); // so that the wait is as long as it has to be
        connections.steps().lost("something broke");
        connections.load(); // b is not there

        assertThat(told.next()).isEqualTo("doubted");
        assertThat(told.next()).startsWith("lost Optional[b]");
        heard.countDown();
        assertThat(told.next()).isEqualTo("lost Optional.empty: something broke");
    }

    @Test
    void whatAnOperatorHasToMendIsSaidBeforeTheLoss() throws Exception {
        serve("a", new FakeShard(request -> answer(7)));
        serve("b", new FakeShard(request -> {
            throw Failures.of(FailureCode.BAD_CHECKPOINT, "a tensor is missing").build();
        }));
        connections.load();

        assertThat(told.next()).isEqualTo("unloadable");
        assertThat(told.next()).isEqualTo("doubted");
        assertThat(told.next())
                .startsWith("lost ")
                .contains("shard b did not load")
                .contains("a tensor is missing");
    }

    @Test
    void afterTheClosingNoLossIsTold() throws Exception {
        connections.steps().lost("just before");
        connections.close();
        connections.steps().lost("after");
        // Behind whatever was on its way.
        timer.schedule(() -> {}, 500, TimeUnit.MILLISECONDS).get(20, TimeUnit.SECONDS);

        assertThat(told.events).containsExactly("doubted");
    }

    private PipelinePlacement placement() {
        return PipelinePlacement.newBuilder()
                .setId("p0")
                .setEpoch(3)
                .setOwner("c0")
                .addStages(StagePlacement.newBuilder()
                        .setMember("a")
                        .setEndpoint("a-" + run)
                        .setEndLayer(2))
                .addStages(StagePlacement.newBuilder()
                        .setMember("b")
                        .setEndpoint("b-" + run)
                        .setFirstLayer(2)
                        .setEndLayer(4))
                .build();
    }

    private PipelineEnvironment environment() {
        return new PipelineEnvironment(
                new PipelineSettings(16, 100, 0, true, LONG, LONG, LONG, LONG, Duration.ZERO),
                new EngineModel(1, 2, 3, 4, 32, 64),
                8,
                List.of(new InputRun.Ids(ImmutableIntArray.of(1, 3))),
                stop -> {
                    throw new AssertionError("nothing is generated here");
                },
                member -> DType.D_TYPE_FP32,
                endpoint -> InProcessChannelBuilder.forName(endpoint).build(),
                new UnconditionalEmbeddings(),
                new NoMetrics(),
                timer,
                Ticker.systemTicker());
    }

    private void serve(String member, FakeShard shard) throws IOException {
        servers.add(InProcessServerBuilder.forName(member + "-" + run)
                .addService(shard)
                .build()
                .start());
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static LoadShardResponse answer(int blocks) {
        return LoadShardResponse.newBuilder().setBlocks(blocks).build();
    }

    private interface Load {
        LoadShardResponse answer(LoadShardRequest request);
    }

    /** Loads as the test says, and acknowledges a stream of steps at once. */
    private record FakeShard(Load load) implements TensorShardService {
        @Override
        public void loadShard(LoadShardRequest request, StreamObserver<LoadShardResponse> response) {
            try {
                response.onNext(load.answer(request));
                response.onCompleted();
            } catch (RuntimeException e) {
                response.onError(e);
            }
        }

        @Override
        public StreamObserver<TensorFrame<ExecuteRequest>> execute(StreamObserver<ExecuteResponse> responses) {
            responses.onNext(ExecuteResponse.getDefaultInstance());
            return new StreamObserver<>() {
                @Override
                public void onNext(TensorFrame<ExecuteRequest> frame) {
                    frame.close();
                }

                @Override
                public void onError(Throwable cause) {}

                @Override
                public void onCompleted() {}
            };
        }

        @Override
        public void streamResults(
                StreamResultsRequest request, StreamObserver<TensorFrame<StreamResultsResponse>> responses) {}
    }

    /** What the connections told, in order. */
    private static final class Told implements ShardConnections.Listener {
        final BlockingQueue<String> events = new LinkedBlockingQueue<>();

        @Nullable
        String next() throws InterruptedException {
            return events.poll(20, TimeUnit.SECONDS);
        }

        @Override
        public void onLoaded(List<LoadShardResponse> answers) {
            events.add("loaded "
                    + answers.stream().map(LoadShardResponse::getBlocks).toList());
        }

        @Override
        public void onUnloadable() {
            events.add("unloadable");
        }

        @Override
        public void onOpen() {
            events.add("open");
        }

        @Override
        public void onResult(StepResult result, List<StageTiming> timings) {
            events.add("result");
        }

        @Override
        public void onDoubted() {
            events.add("doubted");
        }

        @Override
        public void onLost(String cause, Optional<String> member) {
            events.add("lost " + member + ": " + cause);
        }
    }

    private static final class NoMetrics implements StepMetrics {
        @Override
        public void step(String pipeline, double seconds) {}

        @Override
        public void stage(String member, double computeSeconds, double waitSeconds) {}
    }
}
