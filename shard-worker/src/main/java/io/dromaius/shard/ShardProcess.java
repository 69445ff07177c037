package io.dromaius.shard;

import com.google.common.base.Ticker;
import com.google.common.util.concurrent.ThreadFactoryBuilder;
import io.dromaius.node.Node;
import io.dromaius.node.NodeConfig;
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
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Everything around a shard that makes it a process of a cluster, whatever its stages are made of. */
public final class ShardProcess {
    private static final Logger log = LoggerFactory.getLogger(ShardProcess.class);

    private ShardProcess() {}

    /**
     * Adds the parts of a shard worker to a node that has not started.
     *
     * @param fingerprint of the checkpoint that the loader loads
     * @param memoryBytes what its stages may take
     */
    public static void assemble(
            ShardWorkerConfig config, String fingerprint, long memoryBytes, StageLoader loader, Node node) {
        NodeConfig shared = config.node();
        String id = "shard-" + UUID.randomUUID().toString().substring(0, 8);
        Metrics metrics = new Metrics();
        ShardWorker worker = new ShardWorker(
                id, loader, config.pace(), GrpcChannels::internal, Ticker.systemTicker(), metrics, node::threadDied);
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
                .setWeightsFingerprint(fingerprint)
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
                        log.info("{} listens at {}", id, server.endpoint());
                    }
                });
    }
}
