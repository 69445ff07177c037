package io.dromaius.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Server;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A client of a server that answers by script. */
abstract class ClientFixture {
    static final Prompt HELLO = Prompt.of("hello");

    final FakeGenerationService service = new FakeGenerationService();
    final FakeClusterService cluster = new FakeClusterService();

    final Wire wire;

    EmuClient emu;
    private Server server;

    ClientFixture(Wire wire) {
        this.wire = wire;
    }

    @BeforeEach
    void start() throws IOException {
        server = wire.serve(service, cluster);
        emu = wire.client()
                .endpoint(address())
                .retries(new RetryPolicy(3, Duration.ofMillis(1), Duration.ofMillis(10), 2))
                .deadline(Duration.ofSeconds(60))
                .build();
    }

    @AfterEach
    void stop() throws InterruptedException {
        emu.close();
        server.shutdownNow();
        assertThat(server.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
    }

    String address() {
        return wire.address(server);
    }
}
