package io.dromaius.encoder;

import io.dromaius.node.ConfigLoader;
import io.dromaius.node.NodeConfig;
import io.dromaius.node.rpc.FailureInterceptor;
import io.dromaius.node.rpc.GrpcChannels;
import io.dromaius.node.rpc.GrpcServer;
import io.dromaius.node.rpc.GrpcServers;
import io.grpc.BindableService;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.ServerInterceptors;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The two ways in which the contract is tried. */
enum EncoderTransport {
    IN_PROCESS {
        @Override
        Connection connect(BindableService service) throws Exception {
            String name = InProcessServerBuilder.generateName();
            Server server = InProcessServerBuilder.forName(name)
                    .addService(ServerInterceptors.intercept(service, new FailureInterceptor()))
                    .build()
                    .start();
            return new Connection(InProcessChannelBuilder.forName(name).build(), server::shutdownNow);
        }
    },
    NETTY {
        @Override
        Connection connect(BindableService service) throws Exception {
            NodeConfig config = ConfigLoader.load(NodeConfig.class, List.of(), Map.of());
            GrpcServer server = GrpcServers.internal(config).add(service).build();
            server.start();
            return new Connection(GrpcChannels.internal(server.endpoint()), server);
        }
    };

    abstract Connection connect(BindableService service) throws Exception;

    /** A channel to a server of its own. */
    static final class Connection implements AutoCloseable {
        private final ManagedChannel channel;
        private final AutoCloseable server;

        private Connection(ManagedChannel channel, AutoCloseable server) {
            this.channel = channel;
            this.server = server;
        }

        private Connection(ManagedChannel channel, GrpcServer server) {
            this(channel, (AutoCloseable) server::close);
        }

        ManagedChannel channel() {
            return channel;
        }

        @Override
        public void close() throws Exception {
            channel.shutdownNow();
            channel.awaitTermination(5, TimeUnit.SECONDS);
            server.close();
        }
    }
}
