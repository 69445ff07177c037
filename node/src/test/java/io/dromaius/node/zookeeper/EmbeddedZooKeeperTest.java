package io.dromaius.node.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import io.dromaius.node.membership.PlacementStore;
import io.dromaius.node.membership.ZooKeeperConnection;
import io.dromaius.proto.internal.v1.Placement;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedZooKeeperTest {
    @TempDir
    Path directory;

    @Test
    void itsDataOutlivesIt() throws Exception {
        Placement placement = Placement.newBuilder().setHighestEpoch(12).build();
        within(store -> assertThat(store.compareAndSet(PlacementStore.ABSENT, placement))
                .isTrue());
        within(store -> assertThat(store.read().placement()).isEqualTo(placement));
    }

    private interface Use {
        void of(PlacementStore store) throws Exception;
    }

    private void within(Use use) throws Exception {
        EmbeddedZooKeeper server = new EmbeddedZooKeeper(
                new ZooKeeperConfig("127.0.0.1", 0, directory.resolve("data"), Duration.ofMillis(500)));
        server.start();
        ZooKeeperConnection connection = new ZooKeeperConnection("127.0.0.1:" + server.port(), Duration.ofSeconds(10));
        connection.start();
        PlacementStore store = new PlacementStore(connection, "test", Runnable::run);
        store.start();
        use.of(store);
        store.close();
        connection.close();
        server.close();
    }
}
