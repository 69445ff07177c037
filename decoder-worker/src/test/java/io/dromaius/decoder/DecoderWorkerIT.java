package io.dromaius.decoder;

import static org.assertj.core.api.Assertions.assertThat;

import io.dromaius.model.tiny.TinyCheckpoint;
import io.dromaius.model.tiny.TinySizes;
import io.dromaius.node.ConfigLoader;
import io.dromaius.node.Node;
import io.dromaius.node.membership.Membership;
import io.dromaius.node.membership.ZooKeeperConnection;
import io.dromaius.node.rpc.GrpcChannels;
import io.dromaius.node.zookeeper.EmbeddedZooKeeper;
import io.dromaius.node.zookeeper.ZooKeeperConfig;
import io.dromaius.proto.internal.v1.DType;
import io.dromaius.proto.internal.v1.DecoderServiceGrpc;
import io.dromaius.proto.internal.v1.DrawRequest;
import io.dromaius.proto.internal.v1.Member;
import io.dromaius.wire.TensorFrame;
import io.dromaius.wire.WireMethods;
import io.grpc.CallOptions;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The parts of the process together, with a ZooKeeper of its own. */
class DecoderWorkerIT {
    @TempDir
    Path folder;

    @Test
    void joinsTheClusterOnceItDraws() throws Exception {
        Path checkpoint = TinyCheckpoint.writePretrain(folder);
        ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor();
        EmbeddedZooKeeper server = new EmbeddedZooKeeper(
                new ZooKeeperConfig("127.0.0.1", 0, folder.resolve("zookeeper"), Duration.ofMillis(500)));
        Node node = new Node("decoder", Duration.ofSeconds(5));
        Node observer = new Node("observer", Duration.ZERO);
        try {
            server.start();
            String zookeeper = "127.0.0.1:" + server.port();
            DecoderWorkerMain.assemble(
                    ConfigLoader.load(
                            DecoderConfig.class,
                            List.of("--zookeeper", zookeeper, "--checkpoint", checkpoint.toString(), "--threads", "1"),
                            Map.of()),
                    node);
            node.start();
            ZooKeeperConnection connection = new ZooKeeperConnection(zookeeper, Duration.ofSeconds(5));
            Membership membership = new Membership(connection, "dromaius", Duration.ofSeconds(1), executor);
            observer.add("zookeeper", connection).add("membership", membership).start();
            CompletableFuture<Member> joined = new CompletableFuture<>();
            membership.addListener(members -> members.forEach(joined::complete));
            Member member = joined.get(60, TimeUnit.SECONDS);

            assertThat(member.getRole()).isEqualTo(Member.Role.ROLE_DECODER);
            assertThat(member.getDtype()).isEqualTo(DType.D_TYPE_BF16);
            assertThat(member.getWeightsFingerprint()).isNotEmpty();
            assertServes(member);
        } finally {
            observer.close();
            node.close();
            server.close();
            executor.shutdownNow();
        }
    }

    private static void assertServes(Member member) throws Exception {
        ManagedChannel channel = GrpcChannels.internal(member.getEndpoint());
        try {
            HealthCheckRequest readiness = HealthCheckRequest.newBuilder()
                    .setService(DecoderServiceGrpc.SERVICE_NAME)
                    .build();
            assertThat(HealthGrpc.newBlockingStub(channel)
                            .withDeadlineAfter(60, TimeUnit.SECONDS)
                            .check(readiness)
                            .getStatus())
                    .isEqualTo(ServingStatus.SERVING);

            int hidden = TinySizes.DEFAULT.hidden();
            DrawRequest request = DrawRequest.newBuilder()
                    .setSteps(2)
                    .setGuidanceScale(1)
                    .setDtype(DType.D_TYPE_BF16)
                    .addAllShape(List.of(1, 32, hidden))
                    .build();
            DrawAnswer answer = new DrawAnswer(Context.ROOT.withCancellation());
            WireMethods.draw(
                    channel,
                    CallOptions.DEFAULT.withDeadlineAfter(60, TimeUnit.SECONDS),
                    TensorFrame.of(request, ByteBuffer.allocateDirect(32 * hidden * 2), () -> {}),
                    answer);
            answer.await();
            assertThat(answer.done().getPng().isEmpty()).isFalse();
        } finally {
            channel.shutdownNow().awaitTermination(60, TimeUnit.SECONDS);
        }
    }
}
