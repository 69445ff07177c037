package io.dromaius.client;

import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.io.IOException;

/** Without a network, as tests of programs use it. */
class InProcessClientTest extends EmuClientContract {
    private final String name = InProcessServerBuilder.generateName();

    @Override
    Server serve(FakeGenerationService generation, FakeClusterService cluster) throws IOException {
        return InProcessServerBuilder.forName(name)
                .addService(generation)
                .addService(cluster)
                .build()
                .start();
    }

    @Override
    EmuClientBuilder client() {
        return EmuClient.builder().transport(InProcessChannelBuilder::forName);
    }

    @Override
    String address(Server server) {
        return name;
    }

    @Override
    String nobody() {
        return "nobody";
    }
}
