package io.dromaius.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dromaius.model.tiny.TinyCheckpoint;
import io.dromaius.node.ConfigException;
import io.dromaius.node.ConfigLoader;
import io.dromaius.node.Node;
import io.dromaius.node.membership.Membership;
import io.dromaius.node.membership.PlacementStore;
import io.dromaius.node.membership.ZooKeeperConnection;
import io.dromaius.node.rpc.GrpcChannels;
import io.dromaius.proto.internal.v1.DType;
import io.dromaius.proto.internal.v1.LoadShardRequest;
import io.dromaius.proto.internal.v1.Member;
import io.dromaius.proto.internal.v1.PipelinePlacement;
import io.dromaius.proto.internal.v1.Placement;
import io.dromaius.proto.internal.v1.ShardServiceGrpc;
import io.dromaius.proto.internal.v1.StagePlacement;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.curator.test.TestingServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole shard worker beside a real ZooKeeper server. */
class ShardWorkerMainIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String CLUSTER = "test";

    @TempDir
    static Path directory;

    private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor();
    private TestingServer zookeeper;
    private ZooKeeperConnection connection;
    private Membership membership;
    private PlacementStore placements;
    private Node node;

    @BeforeEach
    void start() throws Exception {
        zookeeper = new TestingServer();
        connection = new ZooKeeperConnection(zookeeper.getConnectString(), Duration.ofSeconds(5));
        connection.start();
        membership = new Membership(connection, CLUSTER, Duration.ofMillis(200), executor);
        membership.start();
        placements = new PlacementStore(connection, CLUSTER, executor);
        placements.start();
        node = new Node("shard-under-test", Duration.ofSeconds(5));
        ShardWorkerMain.assemble(
                config("--checkpoint", TinyCheckpoint.writePretrain(directory).toString()), node);
        node.start();
    }

    @AfterEach
    void stop() throws Exception {
        node.close();
        placements.close();
        membership.close();
        connection.close();
        executor.shutdownNow();
        zookeeper.close();
    }

    private ShardWorkerConfig config(String... args) {
        List<String> all = new ArrayList<>(List.of(
                "--zookeeper", zookeeper.getConnectString(),
                "--cluster", CLUSTER,
                "--session-timeout", "5s",
                "--dtype", "fp32",
                "--threads", "1",
                "--memory", "64MiB"));
        all.addAll(List.of(args));
        return ConfigLoader.load(ShardWorkerConfig.class, all, Map.of());
    }

    @Test
    void aShardRegistersLoadsReportsAndLeaves() throws Exception {
        Member member = member();
        assertThat(member.getMemoryBytes()).isEqualTo(64 << 20);
        assertThat(member.getDtype()).isEqualTo(DType.D_TYPE_FP32);
        assertThat(member.getWeightsFingerprint()).isNotEmpty();
        assertThat(member.getHighestEpoch()).isZero();

        ManagedChannel channel = GrpcChannels.internal(member.getEndpoint());
        try {
            assertThat(HealthGrpc.newBlockingStub(channel)
                            .check(HealthCheckRequest.newBuilder()
                                    .setService(ShardServiceGrpc.SERVICE_NAME)
                                    .build())
                            .getStatus())
                    .isEqualTo(HealthCheckResponse.ServingStatus.SERVING);
            load(channel, 7);
            await(() -> member().getHighestEpoch() == 7 && member().getLayerMs() > 0);
        } finally {
            channel.shutdownNow();
        }
        node.close();
        await(() -> membership.members(Member.Role.ROLE_SHARD).isEmpty());
    }

    @Test
    void aShardServesWithoutZooKeeperUntilARecordHasNoPlaceForIt() throws Exception {
        Member member = member();
        ManagedChannel channel = GrpcChannels.internal(member.getEndpoint());
        try {
            load(channel, 7);
            assertThat(placements.compareAndSet(PlacementStore.ABSENT, placement(7, member.getId())))
                    .isTrue();
            Steps steps = open(channel, 7);
            steps.send(ShardChainTest.firstStep(steps));
            steps.result().close();

            zookeeper.stop();
            await(() -> !connection.isConnected());
            steps.send(steps.step(2).build());
            steps.result().close();
            zookeeper.restart();
            await(connection::isConnected);
            await(() -> placements.read().version() >= 0);
            steps.send(steps.step(3).build());
            steps.result().close();
            assertThat(steps.alive()).isTrue();

            int version = placements.read().version();
            assertThat(placements.compareAndSet(version, placement(8, "another")))
                    .isTrue();

            Status ended = Status.fromThrowable(steps.failure());
            assertThat(ended.getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
            assertThat(ended.getDescription()).contains("in no pipeline any more");
        } finally {
            channel.shutdownNow();
        }
    }

    @Test
    void aRecordOlderThanTheEpochServedReleasesNothing() throws Exception {
        Member member = member();
        ManagedChannel channel = GrpcChannels.internal(member.getEndpoint());
        try {
            load(channel, 7);
            Steps steps = open(channel, 7);
            steps.send(ShardChainTest.firstStep(steps));
            steps.result().close();

            placements.compareAndSet(PlacementStore.ABSENT, placement(6, "another"));
            placements.compareAndSet(0, placement(7, member.getId()));
            await(() -> placements.lastKnown().version() == 1);

            steps.send(steps.step(2).build());
            steps.result().close();
            assertThat(steps.alive()).isTrue();
        } finally {
            channel.shutdownNow();
        }
    }

    @Test
    void aCheckpointThatIsNoneIsAMatterOfConfiguration() {
        assertThatThrownBy(() -> ShardWorkerMain.assemble(
                        config("--checkpoint", directory.resolve("nothing").toString()),
                        new Node("none", Duration.ZERO)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("nothing");
    }

    private Member member() {
        await(() -> membership.members(Member.Role.ROLE_SHARD).size() == 1);
        return membership.members(Member.Role.ROLE_SHARD).get(0);
    }

    private static void await(Callable<Boolean> condition) {
        Awaitility.await().atMost(PATIENCE).ignoreExceptions().until(condition);
    }

    private static void load(ManagedChannel channel, long epoch) {
        ShardServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                .loadShard(LoadShardRequest.newBuilder()
                        .setPipeline(Chain.PIPELINE)
                        .setEpoch(epoch)
                        .setOwner(Chain.OWNER)
                        .setEndLayer(Chain.LAYERS)
                        .setDtype(DType.D_TYPE_FP32)
                        .setBlockSize(16)
                        .setMaxBlocks(8)
                        .build());
    }

    private static Steps open(ManagedChannel channel, long epoch) {
        Steps steps = new Steps(epoch, Chain.OWNER);
        steps.openResults(channel);
        steps.open(channel);
        return steps;
    }

    private static Placement placement(long epoch, String member) {
        return Placement.newBuilder()
                .setHighestEpoch(epoch)
                .addPipelines(PipelinePlacement.newBuilder()
                        .setId(Chain.PIPELINE)
                        .setEpoch(epoch)
                        .setOwner(Chain.OWNER)
                        .addStages(StagePlacement.newBuilder().setMember(member)))
                .build();
    }
}
