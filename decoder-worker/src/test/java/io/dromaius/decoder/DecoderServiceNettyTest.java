package io.dromaius.decoder;

import io.dromaius.node.ConfigLoader;
import io.dromaius.node.NodeConfig;
import io.dromaius.node.rpc.GrpcChannels;
import io.dromaius.node.rpc.GrpcServer;
import io.dromaius.node.rpc.GrpcServers;
import io.grpc.BindableService;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

class DecoderServiceNettyTest extends DecoderServiceContract {
    private @Nullable GrpcServer server;
    private @Nullable ManagedChannel channel;

    @Override
    Channel serve(BindableService service) throws Exception {
        NodeConfig config = ConfigLoader.load(NodeConfig.class, List.of(), Map.of());
        server = GrpcServers.internal(config).add(service).build();
        server.start();
        channel = GrpcChannels.internal(server.endpoint());
        return channel;
    }

    @Override
    void stopServing() throws Exception {
        if (channel != null && server != null) {
            channel.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
            server.close();
        }
    }
}
