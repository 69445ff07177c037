package io.dromaius.cli.cluster;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dromaius.cli.CommandFailure;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SurroundingsTest {
    @TempDir
    private Path folder;

    @Test
    void aPortInUseIsSaidBeforeAnythingStarts() throws Exception {
        int port;
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = taken.getLocalPort();
            assertThatThrownBy(() -> Surroundings.check(options(port, Optional.empty())))
                    .isInstanceOf(CommandFailure.class)
                    .hasMessageContaining("port " + port);
        }
        assertThatCode(() -> Surroundings.check(options(port, Optional.empty())))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> Surroundings.check(options(99_999, Optional.empty())))
                .isInstanceOf(CommandFailure.class)
                .hasMessageContaining("99999");
    }

    @Test
    void theCheckpointHasToBeThere() {
        Path none = folder.resolve("none");

        assertThatThrownBy(() -> Surroundings.check(ClusterOptions.small("test", new StateDirectory(folder), none, 1)))
                .isInstanceOf(CommandFailure.class)
                .hasMessageContaining("there is no checkpoint at " + none);
    }

    @Test
    void oneServerOfTheEnsembleHasToAnswer() throws Exception {
        int closed = FreePorts.find(1).get(0);
        try (ServerSocket zookeeper = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String ensemble = "127.0.0.1:" + closed + ",127.0.0.1:" + zookeeper.getLocalPort() + "/emu";
            assertThatCode(() -> Surroundings.check(options(0, Optional.of(ensemble))))
                    .doesNotThrowAnyException();
        }
        assertThatThrownBy(() -> Surroundings.check(options(0, Optional.of("127.0.0.1:" + closed))))
                .isInstanceOf(CommandFailure.class)
                .hasMessageContaining("no ZooKeeper answers");
        assertThatThrownBy(() -> Surroundings.check(options(0, Optional.of("host:port"))))
                .isInstanceOf(CommandFailure.class)
                .hasMessageContaining("host:port");
    }

    private ClusterOptions options(int port, Optional<String> zookeeper) {
        return new ClusterOptions(
                "test",
                new StateDirectory(folder),
                folder,
                1,
                1,
                1,
                1,
                "fp32",
                "cpu",
                0,
                0,
                port,
                zookeeper,
                ClusterOptions.SHARD_MAIN,
                List.of());
    }
}
