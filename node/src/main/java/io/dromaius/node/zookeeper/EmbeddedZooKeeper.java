package io.dromaius.node.zookeeper;

import io.dromaius.node.ConfigException;
import io.dromaius.node.Node;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.time.Duration;
import org.apache.zookeeper.server.DatadirCleanupManager;
import org.apache.zookeeper.server.ServerCnxnFactory;
import org.apache.zookeeper.server.ZooKeeperServer;
import org.apache.zookeeper.server.persistence.FileTxnSnapLog;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A standalone ZooKeeper 3.9 server, for clusters on one machine. Its data outlives it. */
public final class EmbeddedZooKeeper implements Node.Part {
    private static final Logger log = LoggerFactory.getLogger(EmbeddedZooKeeper.class);
    private static final int SNAPSHOTS_KEPT = 3;
    private static final int PURGE_HOURS = 1;
    private static final int MOST_CONNECTIONS = 1_000;
    private static final Duration LONGEST_SESSION = Duration.ofMinutes(2);

    private final ZooKeeperConfig config;
    private @Nullable ServerCnxnFactory connections;
    private @Nullable FileTxnSnapLog files;
    private @Nullable DatadirCleanupManager purge;

    public EmbeddedZooKeeper(ZooKeeperConfig config) {
        this.config = config;
    }

    /** The port listened on, once started. */
    public int port() {
        if (connections == null) {
            throw new IllegalStateException("the ZooKeeper server is not started");
        }
        return connections.getLocalPort();
    }

    @Override
    public void start() throws IOException, InterruptedException {
        // ZooKeeper lays each log out in advance, 64 MiB unless told; ours hold a few kilobytes.
        System.setProperty("zookeeper.preAllocSize", "1024");
        try {
            Files.createDirectories(config.dataDir());
        } catch (IOException e) {
            throw new ConfigException("dataDir cannot be made: " + config.dataDir(), e);
        }
        FileTxnSnapLog opened =
                new FileTxnSnapLog(config.dataDir().toFile(), config.dataDir().toFile());
        files = opened;
        ZooKeeperServer server =
                new ZooKeeperServer(opened, Math.toIntExact(config.tick().toMillis()), "");
        server.setMaxSessionTimeout(Math.toIntExact(LONGEST_SESSION.toMillis()));
        connections =
                ServerCnxnFactory.createFactory(new InetSocketAddress(config.host(), config.port()), MOST_CONNECTIONS);
        connections.startup(server);
        purge = new DatadirCleanupManager(
                config.dataDir().toFile(), config.dataDir().toFile(), SNAPSHOTS_KEPT, PURGE_HOURS);
        purge.start();
        log.info("ZooKeeper serves {}:{} from {}", config.host(), port(), config.dataDir());
    }

    @Override
    public void close() throws IOException {
        if (purge != null) {
            purge.shutdown();
        }
        if (connections != null) {
            connections.shutdown();
        }
        if (files != null) {
            files.close();
        }
    }
}
