package io.dromaius.node.metrics;

import io.dromaius.node.Node;
import io.dromaius.node.NodeConfig;
import io.prometheus.client.exporter.HTTPServer;
import io.prometheus.client.hotspot.DefaultExports;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves a process' measurements at {@code http://host:metricsPort/metrics}, those of the JVM and of the process
 * ({@code process_resident_memory_bytes}) among them. With port -1 it does nothing.
 */
public final class MetricsServer implements Node.Part {
    private static final Logger log = LoggerFactory.getLogger(MetricsServer.class);

    private final NodeConfig config;
    private final Metrics metrics;
    private @Nullable HTTPServer server;

    public MetricsServer(NodeConfig config, Metrics metrics) {
        this.config = config;
        this.metrics = metrics;
    }

    /** The port listened on, once started; -1 when there is none. */
    public int port() {
        return server == null ? -1 : server.getPort();
    }

    @Override
    public void start() throws IOException {
        if (config.metricsPort() >= 0) {
            DefaultExports.register(metrics.registry());
            server = new HTTPServer.Builder()
                    .withInetSocketAddress(new InetSocketAddress(config.listenHost(), config.metricsPort()))
                    .withRegistry(metrics.registry())
                    .withDaemonThreads(true)
                    .build();
            log.info("metrics are at http://{}:{}/metrics", config.host(), server.getPort());
        }
    }

    @Override
    public void close() {
        if (server != null) {
            server.close();
        }
    }
}
