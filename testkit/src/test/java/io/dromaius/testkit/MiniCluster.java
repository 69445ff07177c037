package io.dromaius.testkit;

import io.dromaius.coordinator.Coordinator;
import io.dromaius.coordinator.CoordinatorConfig;
import io.dromaius.decoder.DecoderConfig;
import io.dromaius.decoder.DecoderWorkerMain;
import io.dromaius.encoder.EncoderWorkerConfig;
import io.dromaius.encoder.EncoderWorkerMain;
import io.dromaius.model.torch.Dtype;
import io.dromaius.node.ConfigLoader;
import io.dromaius.node.Node;
import io.dromaius.node.rpc.GrpcChannels;
import io.dromaius.proto.v1.ClusterServiceGrpc;
import io.dromaius.proto.v1.GenerationServiceGrpc;
import io.dromaius.proto.v1.GetClusterRequest;
import io.dromaius.proto.v1.GetClusterResponse;
import io.dromaius.proto.v1.Load;
import io.dromaius.proto.v1.PipelineInfo;
import io.dromaius.shard.ShardWorkerConfig;
import io.dromaius.shard.ShardWorkerMain;
import io.grpc.ManagedChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.curator.test.TestingServer;
import org.awaitility.Awaitility;

/**
 * A cluster in this JVM: ZooKeeper, a coordinator and workers, each put together as its own process would, talking over
 * loopback TCP.
 */
final class MiniCluster implements AutoCloseable {
    /** A machine that stands still for some seconds costs nobody its session. */
    private static final Duration SESSION = Duration.ofSeconds(20);

    private static final Duration DRAIN = Duration.ofSeconds(5);
    private static final Duration START = Duration.ofMinutes(5);

    private final Path checkpoint;
    private final Dtype dtype;
    private final TestingServer zookeeper;
    private final List<Node> nodes = new ArrayList<>();
    private final Coordinator coordinator;
    private final ManagedChannel channel;

    /**
     * Starts ZooKeeper and a coordinator, for fp32.
     *
     * @param settings of the coordinator, as flags
     */
    MiniCluster(Path checkpoint, String... settings) throws Exception {
        this(checkpoint, Dtype.FP32, settings);
    }

    private MiniCluster(Path checkpoint, Dtype dtype, String... settings) throws Exception {
        this.checkpoint = checkpoint;
        this.dtype = dtype;
        this.zookeeper = new TestingServer(true);
        List<String> flags = new ArrayList<>(flags());
        flags.addAll(List.of("--placement-settle", "300ms"));
        flags.addAll(List.of(settings));
        CoordinatorConfig config = ConfigLoader.load(CoordinatorConfig.class, flags, Map.of());
        Node node = new Node("coordinator", DRAIN);
        this.coordinator = Coordinator.assemble(config, node);
        start(node);
        this.channel = GrpcChannels.internal(coordinator.endpoint());
    }

    /** A cluster of one pipeline with so many shards, serving in fp32. */
    static MiniCluster serving(Path checkpoint, int shards, String... settings) throws Exception {
        return serving(checkpoint, Dtype.FP32, shards, settings);
    }

    /** The same in another type. */
    static MiniCluster serving(Path checkpoint, Dtype dtype, int shards, String... settings) throws Exception {
        List<String> all = new ArrayList<>(List.of("--shards-per-pipeline", Integer.toString(shards)));
        all.addAll(List.of(settings));
        MiniCluster cluster = new MiniCluster(checkpoint, dtype, all.toArray(String[]::new));
        for (int i = 0; i < shards; i++) {
            cluster.addShard();
        }
        cluster.awaitServing(1);
        return cluster;
    }

    /** What a process of this cluster is started with. */
    List<String> flags() {
        return List.of(
                "--zookeeper",
                zookeeper.getConnectString(),
                "--checkpoint",
                checkpoint.toString(),
                "--dtype",
                dtype.name().toLowerCase(Locale.ROOT),
                "--threads",
                "1",
                "--metrics-port",
                "-1",
                "--session-timeout",
                SESSION.toSeconds() + "s");
    }

    Node addShard() throws Exception {
        List<String> flags = new ArrayList<>(flags());
        flags.addAll(List.of("--memory", "512MiB"));
        Node node = new Node("shard", DRAIN);
        ShardWorkerMain.assemble(ConfigLoader.load(ShardWorkerConfig.class, flags, Map.of()), node);
        return start(node);
    }

    Node addEncoder() throws Exception {
        Node node = new Node("encoder", DRAIN);
        EncoderWorkerMain.assemble(ConfigLoader.load(EncoderWorkerConfig.class, flags(), Map.of()), node);
        start(node);
        awaitMember("encoder");
        return node;
    }

    Node addDecoder() throws Exception {
        Node node = new Node("decoder", DRAIN);
        DecoderWorkerMain.assemble(ConfigLoader.load(DecoderConfig.class, flags(), Map.of()), node);
        start(node);
        awaitMember("decoder");
        return node;
    }

    private void awaitMember(String role) {
        Awaitility.await("a member of role " + role)
                .atMost(START)
                .pollDelay(Duration.ofMillis(300))
                .until(() -> describe().getMembersList().stream()
                        .anyMatch(member -> member.getRole().equals(role)));
    }

    /** Of the public API. */
    String endpoint() {
        return coordinator.endpoint();
    }

    ManagedChannel channel() {
        return channel;
    }

    GenerationServiceGrpc.GenerationServiceBlockingStub generation() {
        return GenerationServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(5, TimeUnit.MINUTES)
                .withMaxInboundMessageSize(Math.toIntExact(GrpcChannels.MAX_MESSAGE.bytes()));
    }

    /** With the figures of every pipeline that serves. */
    GetClusterResponse describe() {
        return Awaitility.await("engines that answer")
                .atMost(START)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .until(this::ask, ProcessCluster::hasFigures);
    }

    private GetClusterResponse ask() {
        return ClusterServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(60, TimeUnit.SECONDS)
                .getCluster(GetClusterRequest.getDefaultInstance());
    }

    /** Waits until no call is counted: a caller has its answer before its call is counted as over. */
    void awaitIdle() {
        Awaitility.await("no call in the books")
                .atMost(START)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> {
                    Load load = describe().getLoad();
                    return load.getRunning() + load.getQueued() == 0;
                });
    }

    /** Waits until so many pipelines serve. */
    void awaitServing(int pipelines) {
        Awaitility.await("pipelines that serve")
                .atMost(START)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> serving() == pipelines);
    }

    long serving() {
        return describe().getPipelinesList().stream()
                .filter(pipeline -> pipeline.getState() == PipelineInfo.State.STATE_SERVING)
                .count();
    }

    private Node start(Node node) throws Exception {
        node.start();
        nodes.add(node);
        return node;
    }

    @Override
    public void close() throws Exception {
        channel.shutdownNow();
        for (Node node : nodes) { // the coordinator first, so that it does not try to replace the workers
            node.close();
        }
        zookeeper.close();
    }
}
