package io.dromaius.shard;

import com.google.common.base.Ticker;
import com.google.common.util.concurrent.ThreadFactoryBuilder;
import com.sun.management.OperatingSystemMXBean;
import io.dromaius.model.torch.Device;
import io.dromaius.model.torch.Torch;
import io.dromaius.model.weights.Checkpoint;
import io.dromaius.model.weights.WeightException;
import io.dromaius.node.ConfigException;
import io.dromaius.node.DataSize;
import io.dromaius.node.Node;
import io.dromaius.node.NodeConfig;
import io.dromaius.node.NodeMain;
import io.dromaius.node.membership.PlacementStore;
import io.dromaius.node.membership.ZooKeeperConnection;
import io.dromaius.node.metrics.GrpcMetricsInterceptor;
import io.dromaius.node.metrics.Metrics;
import io.dromaius.node.metrics.MetricsServer;
import io.dromaius.node.rpc.GrpcChannels;
import io.dromaius.node.rpc.GrpcServer;
import io.dromaius.node.rpc.GrpcServers;
import io.dromaius.proto.internal.v1.Member;
import io.dromaius.proto.internal.v1.ShardServiceGrpc;
import java.lang.management.ManagementFactory;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The process of one shard. It registers and waits to be told which layers to hold. */
public final class ShardWorkerMain {
    private static final Logger log = LoggerFactory.getLogger(ShardWorkerMain.class);

    private ShardWorkerMain() {}

    public static void main(String[] args) {
        System.exit(NodeMain.run(
                "emu-shard-worker", ShardWorkerConfig.class, ShardWorkerConfig::node, args, ShardWorkerMain::assemble));
    }

    /** Adds the parts of a shard: the server listens, then the shard is found by others. */
    public static void assemble(ShardWorkerConfig config, Node node) {
        NodeConfig shared = config.node();
        Checkpoint checkpoint = open(shared);
        long memoryBytes = config.memory().map(DataSize::bytes).orElseGet(ShardWorkerMain::halfOfTheMachine);
        Torch.setThreads(shared.computeThreads());

        String id = "shard-" + UUID.randomUUID().toString().substring(0, 8);
        Metrics metrics = new Metrics();
        Ticker ticker = Ticker.systemTicker();
        ShardWorker worker = new ShardWorker(
                id,
                new TorchStageLoader(checkpoint, Device.parse(shared.device()), memoryBytes, ticker),
                config.pace(),
                GrpcChannels::internal,
                ticker,
                metrics);
        GrpcServer server = GrpcServers.internal(shared)
                .intercept(new GrpcMetricsInterceptor(metrics))
                .add(worker.service())
                .build();
        ZooKeeperConnection zookeeper = new ZooKeeperConnection(shared);
        ShardMember member = new ShardMember(zookeeper, shared.cluster(), () -> Member.newBuilder()
                .setId(id)
                .setRole(Member.Role.ROLE_SHARD)
                .setEndpoint(server.endpoint())
                .setDevice(shared.device())
                .setDtype(shared.dtype())
                .setMemoryBytes(memoryBytes)
                .setWeightsFingerprint(checkpoint.fingerprint())
                .build());
        worker.addListener(member);
        ExecutorService watcher = Executors.newSingleThreadExecutor(new ThreadFactoryBuilder()
                .setNameFormat("placement")
                .setDaemon(true)
                .build());
        PlacementStore placements = new PlacementStore(zookeeper, shared.cluster(), watcher);
        PlacementWatch watch = new PlacementWatch(id, worker);

        node.add("metrics", new MetricsServer(shared, metrics))
                .add("server", server)
                .add("shard", worker)
                .add("ZooKeeper", zookeeper)
                .addCloseable("placement watcher", watcher::shutdownNow)
                .add("placement", placements)
                .add("member", member)
                .add("readiness", new Node.Part() {
                    @Override
                    public void start() {
                        placements.addListener(record -> watch.seen(record.placement()));
                        server.setReady(ShardServiceGrpc.SERVICE_NAME, true);
                        log.info("shard {} is at {}", id, server.endpoint());
                    }
                });
    }

    private static Checkpoint open(NodeConfig config) {
        try {
            return Checkpoint.open(config.requiredCheckpoint());
        } catch (WeightException e) {
            throw new ConfigException("checkpoint: " + e.getMessage(), e);
        }
    }

    /** Of the container's, where there is one. */
    private static long halfOfTheMachine() {
        OperatingSystemMXBean machine = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        return machine.getTotalMemorySize() / 2;
    }
}
