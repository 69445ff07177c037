package io.dromaius.cli.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.dromaius.cli.CommandFailure;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
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
        boolean free = false;
        // Somebody else may take the port as soon as it is given back, but not each time.
        for (int round = 0; round < 10 && !free; round++) {
            int port;
            try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                port = taken.getLocalPort();
                assertThatThrownBy(() -> Surroundings.check(options(port, Optional.empty())))
                        .isInstanceOf(CommandFailure.class)
                        .hasMessageContaining("port " + port);
            }
            free = catchThrowable(() -> Surroundings.check(options(port, Optional.empty()))) == null;
        }
        assertThat(free).as("a port that was given back").isTrue();
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
        try (Socket held = new Socket()) {
            held.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)); // nobody listens, and nobody will
            checkEnsembles(held.getLocalPort());
        }
    }

    private void checkEnsembles(int closed) throws IOException {
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
                false,
                port,
                zookeeper,
                ClusterOptions.SHARD_MAIN,
                List.of());
    }
}
