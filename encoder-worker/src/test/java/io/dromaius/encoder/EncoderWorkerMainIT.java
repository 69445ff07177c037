package io.dromaius.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dromaius.model.tiny.TinyCheckpoint;
import io.dromaius.model.tiny.TinySizes;
import io.dromaius.model.vision.RgbImage;
import io.dromaius.node.ConfigException;
import io.dromaius.node.ConfigLoader;
import io.dromaius.node.Node;
import io.dromaius.node.membership.Membership;
import io.dromaius.node.membership.ZooKeeperConnection;
import io.dromaius.node.rpc.GrpcChannels;
import io.dromaius.proto.internal.v1.EncoderServiceGrpc;
import io.dromaius.proto.internal.v1.Member;
import io.grpc.ManagedChannel;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.curator.test.TestingServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole encoder worker beside a real ZooKeeper server. */
class EncoderWorkerMainIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private Path directory;

    @Test
    void anEncoderLoadsRegistersEncodesAndLeaves() throws Exception {
        ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor();
        try (TestingServer zookeeper = new TestingServer()) {
            ZooKeeperConnection connection =
                    new ZooKeeperConnection(zookeeper.getConnectString(), Duration.ofSeconds(5));
            connection.start();
            Membership membership = new Membership(connection, "test", Duration.ofMillis(200), executor);
            membership.start();
            Node node = new Node("encoder-under-test", Duration.ofSeconds(5));
            EncoderWorkerMain.assemble(
                    config(
                            "--zookeeper",
                            zookeeper.getConnectString(),
                            "--cluster",
                            "test",
                            "--threads",
                            "1",
                            "--checkpoint",
                            TinyCheckpoint.writePretrain(directory).toString()),
                    node);
            node.start();
            Awaitility.await()
                    .atMost(PATIENCE)
                    .until(() -> membership.members(Member.Role.ROLE_ENCODER).size() == 1);
            assertServes(membership.members(Member.Role.ROLE_ENCODER).get(0));

            node.close();
            Awaitility.await()
                    .atMost(PATIENCE)
                    .until(() -> membership.members(Member.Role.ROLE_ENCODER).isEmpty());
            membership.close();
            connection.close();
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void settingsHaveDefaultsAndAreChecked() {
        EncoderWorkerConfig config = config();
        assertThat(List.of(config.batch(), config.calls(), config.readers())).containsExactly(8, 64, 2);
        config = config("--batch", "3", "--calls", "5", "--readers", "1");
        assertThat(List.of(config.batch(), config.calls(), config.readers())).containsExactly(3, 5, 1);
        assertThatThrownBy(() -> config("--batch", "0"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("batch");
    }

    @Test
    void aCheckpointThatIsNoneIsAConfigurationError() {
        EncoderWorkerConfig config =
                config("--checkpoint", directory.resolve("nothing").toString());
        assertThatThrownBy(() -> EncoderWorkerMain.assemble(config, new Node("encoder", Duration.ofSeconds(1))))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("nothing");
    }

    @Test
    void anEncoderWhoseWeightsGiveNoNumbersDoesNotStart() throws Exception {
        Path damaged = new TinyCheckpoint(TinySizes.DEFAULT, 0).damaged().pretrain(directory);
        Node node = new Node("encoder", Duration.ofSeconds(1));
        // It comes to no registration: nobody listens at port 1.
        EncoderWorkerMain.assemble(
                config("--checkpoint", damaged.toString(), "--zookeeper", "127.0.0.1:1", "--threads", "1"), node);
        assertThatThrownBy(node::start)
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(damaged.toString())
                .hasMessageContaining("not finite");
    }

    private static void assertServes(Member member) throws Exception {
        assertThat(member.getWeightsFingerprint()).isNotEmpty();
        ManagedChannel channel = GrpcChannels.internal(member.getEndpoint());
        try {
            assertThat(HealthGrpc.newBlockingStub(channel)
                            .withDeadlineAfter(60, TimeUnit.SECONDS)
                            .check(HealthCheckRequest.newBuilder()
                                    .setService(EncoderServiceGrpc.SERVICE_NAME)
                                    .build())
                            .getStatus())
                    .isEqualTo(ServingStatus.SERVING);
            EncodeAnswer answer = EncodeAnswer.send(
                            channel,
                            EncodeAnswer.picture(),
                            RgbImage.black(10, 10).toPng())
                    .get(60, TimeUnit.SECONDS);
            assertThat(answer.header().getShapeList()).containsExactly(1, 32, 64);
            assertThat(answer.header().getDtype()).isEqualTo(member.getDtype());
        } finally {
            channel.shutdownNow();
        }
    }

    private static EncoderWorkerConfig config(String... args) {
        return ConfigLoader.load(EncoderWorkerConfig.class, new ArrayList<>(List.of(args)), Map.of());
    }
}
