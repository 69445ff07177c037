package io.dromaius.decoder;

import com.google.common.base.Ticker;
import io.dromaius.model.diffusion.ImageDecoder;
import io.dromaius.model.spec.CheckpointException;
import io.dromaius.model.torch.Device;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.Torch;
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
import io.dromaius.proto.internal.v1.DType;
import io.dromaius.proto.internal.v1.DecoderServiceGrpc;
import io.dromaius.proto.internal.v1.Member;
import java.util.UUID;
import java.util.function.Supplier;

/** The decoder worker's process: visual embeddings in, pictures out. */
public final class DecoderWorkerMain {
    private DecoderWorkerMain() {}

    public static void main(String[] args) {
        System.exit(NodeMain.run(
                "emu-decoder-worker", DecoderConfig.class, DecoderConfig::node, args, DecoderWorkerMain::assemble));
    }

    /** Adds the parts: the server listens at once, is ready once the model has drawn, and only then found by others. */
    public static void assemble(DecoderConfig config, Node node) {
        NodeConfig shared = config.node();
        Device device = Device.parse(shared.device());
        Torch.unusable(device).ifPresent(why -> {
            throw new ConfigException(why);
        });
        Checkpoint checkpoint = reading(() -> Checkpoint.open(shared.requiredCheckpoint()));
        Metrics metrics = new Metrics();
        DecoderWorker worker = new DecoderWorker(
                () -> load(checkpoint, shared, device),
                config,
                Ticker.systemTicker(),
                new DecoderMetrics(metrics),
                node::threadDied);
        GrpcServer server = GrpcServers.internal(shared)
                .add(new DecoderService(worker, config.maxSide(), Ticker.systemTicker()))
                .intercept(new GrpcMetricsInterceptor(metrics))
                .build();
        ZooKeeperConnection zookeeper = new ZooKeeperConnection(shared);
        String id = "decoder-" + UUID.randomUUID().toString().substring(0, 8);
        node.add("metrics", new MetricsServer(shared, metrics));
        node.add("zookeeper", zookeeper);
        node.add("server", server);
        node.add("decoder", worker);
        node.add("readiness", new Node.Part() {
            @Override
            public void start() {
                server.setReady(DecoderServiceGrpc.SERVICE_NAME, true);
            }
        });
        node.add("registration", new Registration(zookeeper, shared.cluster(), () -> Member.newBuilder()
                .setId(id)
                .setRole(Member.Role.ROLE_DECODER)
                .setEndpoint(server.endpoint())
                .setDevice(shared.device())
                .setDtype(shared.dtype())
                .setWeightsFingerprint(checkpoint.fingerprint())
                .build()));
    }

    private static ImageDecoder load(Checkpoint checkpoint, NodeConfig config, Device device) {
        Torch.setThreads(config.computeThreads());
        Dtype dtype = config.dtype() == DType.D_TYPE_BF16 ? Dtype.BF16 : Dtype.FP32;
        return reading(() -> ImageDecoder.load(checkpoint, dtype, device));
    }

    /** A checkpoint that cannot be read is the operator's to mend, not a bug. */
    private static <T> T reading(Supplier<T> checkpoint) {
        try {
            return checkpoint.get();
        } catch (CheckpointException e) {
            throw new ConfigException("checkpoint: " + e.getMessage(), e);
        }
    }
}
