package io.dromaius.decoder;

import io.dromaius.node.rpc.FailureInterceptor;
import io.grpc.BindableService;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

class DecoderServiceInProcessTest extends DecoderServiceContract {
    private @Nullable Server server;
    private @Nullable ManagedChannel channel;

    @Override
    Channel serve(BindableService service) throws IOException {
        String name = InProcessServerBuilder.generateName();
        server = InProcessServerBuilder.forName(name)
                .addService(service)
                .intercept(new FailureInterceptor())
                .build()
                .start();
        channel = InProcessChannelBuilder.forName(name).build();
        return channel;
    }

    @Override
    void stopServing() throws InterruptedException {
        if (channel != null && server != null) {
            channel.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
            server.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
        }
    }
}
