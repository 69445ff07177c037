package io.dromaius.node.zookeeper;

import io.dromaius.node.Setting;
import java.nio.file.Path;
import java.time.Duration;

/** Settings of the embedded ZooKeeper server. */
public record ZooKeeperConfig(
        @Setting(byDefault = "127.0.0.1", help = "address to listen on") String host,
        @Setting(byDefault = "2181", help = "port to listen on; 0 takes any free one") int port,
        @Setting(help = "directory of its snapshots and logs; made if it is not there") Path dataDir,
        @Setting(byDefault = "500ms", help = "its unit of time; sessions last at least two of them") Duration tick) {
    public ZooKeeperConfig {
        if (port < 0 || port > 0xffff) {
            throw new IllegalArgumentException("port must be within 0 and 65535: " + port);
        }
        if (tick.toMillis() <= 0) {
            throw new IllegalArgumentException("tick must be at least a millisecond");
        }
    }
}
