package io.dromaius.client;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;

/** Over loopback TCP, as programs use it. */
class NettyClientTest extends EmuClientContract {
    @Override
    Server serve(FakeGenerationService generation, FakeClusterService cluster) throws IOException {
        return NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(generation)
                .addService(cluster)
                .build()
                .start();
    }

    @Override
    EmuClientBuilder client() {
        return EmuClient.builder();
    }

    @Override
    String address(Server server) {
        return "localhost:" + server.getPort();
    }

    @Override
    String nobody() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return "localhost:" + socket.getLocalPort();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void whoCannotBeReachedIsNamed() {
        String nobody = nobody();
        try (EmuClient emu = client().endpoint(nobody).build()) {
            assertThatThrownBy(emu::cluster)
                    .isInstanceOf(UnavailableException.class)
                    .hasMessageStartingWith("the connection to the cluster failed: ")
                    .hasMessageContaining("Connection refused")
                    .hasMessageContaining(nobody.substring(nobody.indexOf(':')));
        }
    }
}
