package io.dromaius.encoder;

import com.google.common.base.Ticker;
import io.dromaius.model.spec.CheckpointException;
import io.dromaius.model.torch.Device;
import io.dromaius.model.torch.Torch;
import io.dromaius.model.vision.VisualEncoder;
import io.dromaius.model.weights.Checkpoint;
import io.dromaius.node.ConfigException;
import io.dromaius.node.Node;
import io.dromaius.node.NodeConfig;
import io.dromaius.node.NodeMain;
import io.dromaius.node.membership.Registration;
import io.dromaius.node.membership.ZooKeeperConnection;
import io.dromaius.node.metrics.GrpcMetricsInterceptor;
import io.dromaius.node.metrics.Metrics;
import io.dromaius.node.metrics.MetricsServer;
import io.dromaius.node.rpc.GrpcServer;
import io.dromaius.node.rpc.GrpcServers;
import io.dromaius.proto.internal.v1.EncoderServiceGrpc;
import io.dromaius.proto.internal.v1.Member;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The process of one encoder. It loads the vision model, tries it, and registers. */
public final class EncoderWorkerMain {
    private static final Logger log = LoggerFactory.getLogger(EncoderWorkerMain.class);

    private EncoderWorkerMain() {}

    public static void main(String[] args) {
        System.exit(NodeMain.run(
                "emu-encoder-worker",
                EncoderWorkerConfig.class,
                EncoderWorkerConfig::node,
                args,
                EncoderWorkerMain::assemble));
    }

    /**
     * Loads the encoder and adds an encoder worker's parts to {@code node}, in the order in which they start.
     *
     * @throws ConfigException if the device is not there or the checkpoint cannot be read
     */
    public static void assemble(EncoderWorkerConfig config, Node node) {
        NodeConfig shared = config.node();
        Device device = Device.parse(shared.device());
        Torch.unusable(device).ifPresent(why -> {
            throw new ConfigException(why);
        });
        Torch.setThreads(shared.computeThreads());
        Metrics metrics = new Metrics();
        Checkpoint checkpoint;
        EncoderWorker worker;
        try {
            checkpoint = Checkpoint.open(shared.requiredCheckpoint());
            VisualEncoder encoder = VisualEncoder.load(
                    checkpoint, PayloadType.of(shared.dtype()).orElseThrow(), device);
            worker = new EncoderWorker(
                    encoder, config, new PrometheusEncoderMetrics(metrics), Ticker.systemTicker(), node::threadDied);
        } catch (CheckpointException e) {
            throw new ConfigException("checkpoint: " + e.getMessage(), e);
        }
        GrpcServer server = GrpcServers.internal(shared)
                .intercept(new GrpcMetricsInterceptor(metrics))
                .add(worker.service())
                .build();
        String id = "encoder-" + UUID.randomUUID().toString().substring(0, 8);
        ZooKeeperConnection zookeeper = new ZooKeeperConnection(shared);
        Registration registration = new Registration(zookeeper, shared.cluster(), () -> Member.newBuilder()
                .setId(id)
                .setRole(Member.Role.ROLE_ENCODER)
                .setEndpoint(server.endpoint())
                .setDevice(shared.device())
                .setDtype(shared.dtype())
                .setWeightsFingerprint(checkpoint.fingerprint())
                .build());
        node.add("metrics", new MetricsServer(shared, metrics))
                .add("encoder", worker)
                .add("server", server)
                .add("readiness", new Node.Part() {
                    @Override
                    public void start() {
                        server.setReady(EncoderServiceGrpc.SERVICE_NAME, true);
                        log.info("encoder {} is at {}", id, server.endpoint());
                    }
                })
                .add("ZooKeeper", zookeeper)
                .add("member", registration);
    }
}
