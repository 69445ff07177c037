package io.dromaius.shard;

import io.dromaius.node.rpc.FailureInterceptor;
import io.dromaius.node.rpc.GrpcChannels;
import io.grpc.BindableService;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** What shards under test talk over. */
enum Transport {
    IN_PROCESS {
        @Override
        Server serve(BindableService service) throws IOException {
            return InProcessServerBuilder.forName(InProcessServerBuilder.generateName())
                    .addService(service)
                    .intercept(new FailureInterceptor())
                    .build()
                    .start();
        }

        @Override
        String endpoint(Server server) {
            return server.getListenSockets().get(0).toString();
        }

        @Override
        ManagedChannel dial(String endpoint) {
            return InProcessChannelBuilder.forName(endpoint).build();
        }
    },
    TCP {
        @Override
        Server serve(BindableService service) throws IOException {
            return NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                    .maxInboundMessageSize(64 << 20)
                    .addService(service)
                    .intercept(new FailureInterceptor())
                    .build()
                    .start();
        }

        @Override
        String endpoint(Server server) {
            return "127.0.0.1:" + server.getPort();
        }

        @Override
        ManagedChannel dial(String endpoint) {
            return GrpcChannels.internal(endpoint);
        }
    };

    abstract Server serve(BindableService service) throws IOException;

    abstract String endpoint(Server server);

    abstract ManagedChannel dial(String endpoint);
}
