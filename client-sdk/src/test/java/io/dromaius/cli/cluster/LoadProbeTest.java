package io.dromaius.cli.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

final class LoadProbeTest {
    private static final int CONNECTIONS = 12;

    /** By gRPC's own back-off the twelfth attempt would come after minutes. */
    @Test
    @Timeout(30)
    void aCoordinatorThatIsNotThereYetIsAskedAgainAtThePaceOfTheQuestions() throws Exception {
        CountDownLatch attempts = new CountDownLatch(CONNECTIONS);
        try (ServerSocket starting = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                LoadProbe probe = new LoadProbe("127.0.0.1:" + starting.getLocalPort())) {
            CompletableFuture<Void> accepting = CompletableFuture.runAsync(() -> hangUp(starting, attempts));
            do {
                assertThat(probe.failure()).isEmpty();
            } while (!attempts.await(20, TimeUnit.MILLISECONDS));
            accepting.get(10, TimeUnit.SECONDS);
        }
    }

    private static void hangUp(ServerSocket server, CountDownLatch attempts) {
        try {
            while (attempts.getCount() > 0) {
                server.accept().close();
                attempts.countDown();
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
