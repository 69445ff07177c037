package io.dromaius.node.membership;

import io.dromaius.node.Node;
import io.dromaius.node.NodeConfig;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.BoundedExponentialBackoffRetry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A process' connection to ZooKeeper. It is added to the node before the recipes that use it. */
public final class ZooKeeperConnection implements Node.Part {
    private static final Logger log = LoggerFactory.getLogger(ZooKeeperConnection.class);
    private static final Duration FIRST_CONNECT = Duration.ofSeconds(30);

    private final CuratorFramework curator;
    private final String servers;

    public ZooKeeperConnection(NodeConfig config) {
        this(config.zookeeper(), config.sessionTimeout());
    }

    public ZooKeeperConnection(String servers, Duration sessionTimeout) {
        this.servers = servers;
        this.curator = CuratorFrameworkFactory.builder()
                .connectString(servers)
                .sessionTimeoutMs(Math.toIntExact(sessionTimeout.toMillis()))
                .connectionTimeoutMs(Math.toIntExact(sessionTimeout.dividedBy(2).toMillis()))
                .retryPolicy(new BoundedExponentialBackoffRetry(100, 1_000, 5))
                .build();
        curator.getConnectionStateListenable().addListener((client, state) -> {
            switch (state) {
                case CONNECTED, RECONNECTED -> log.info("ZooKeeper at {} is connected", servers);
                case SUSPENDED -> log.warn("ZooKeeper at {} is away; what was last known stands", servers);
                case LOST -> log.warn("the ZooKeeper session is lost; it is made anew once {} answers", servers);
                case READ_ONLY -> log.warn("ZooKeeper at {} is read-only", servers);
            }
        });
    }

    CuratorFramework curator() {
        return curator;
    }

    /** Whether ZooKeeper answers as seen from here. Serving goes on without. */
    public boolean isConnected() {
        return curator.getZookeeperClient().isConnected();
    }

    /** @throws IOException if no server answers within half a minute */
    @Override
    public void start() throws IOException, InterruptedException {
        curator.start();
        if (!curator.blockUntilConnected(Math.toIntExact(FIRST_CONNECT.toSeconds()), TimeUnit.SECONDS)) {
            throw new IOException("no ZooKeeper server answers at " + servers);
        }
    }

    @Override
    public void close() {
        curator.close();
    }
}
