package io.dromaius.client;

import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.inprocess.InProcessSocketAddress;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/** What carries the bytes between a client and a server. */
enum Wire {
    /** Without a network, as tests of programs use it. */
    IN_PROCESS {
        @Override
        ServerBuilder<?> server() {
            return InProcessServerBuilder.forName(InProcessServerBuilder.generateName());
        }

        @Override
        EmuClientBuilder client() {
            return EmuClient.builder().transport(InProcessChannelBuilder::forName);
        }

        @Override
        String address(Server server) {
            return ((InProcessSocketAddress) server.getListenSockets().get(0)).getName();
        }

        @Override
        String nobody() {
            return "nobody";
        }
    },
    /** Over loopback TCP, as programs use it. */
    NETTY {
        @Override
        ServerBuilder<?> server() {
            return NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
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
    };

    abstract ServerBuilder<?> server();

    /** A builder of clients, without endpoints. */
    abstract EmuClientBuilder client();

    abstract String address(Server server);

    /** An address at which nobody answers. */
    abstract String nobody();

    /** Starts a server of both services. */
    Server serve(FakeGenerationService generation, FakeClusterService cluster) throws IOException {
        return server().addService(generation.recorded())
                .addService(cluster)
                .build()
                .start();
    }
}
