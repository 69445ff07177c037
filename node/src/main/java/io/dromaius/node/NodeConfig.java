package io.dromaius.node;

import io.dromaius.proto.internal.v1.DType;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Settings that all processes share; a process' own record has one of these as a component.
 *
 * @param host what others dial; also what is listened on unless {@code bind} says otherwise
 * @param threads threads that compute; 0 is one for each available processor
 */
public record NodeConfig(
        @Setting(byDefault = "dromaius", help = "name of the cluster; processes of one name find each other")
                String cluster,
        @Setting(byDefault = "127.0.0.1:2181", help = "ZooKeeper servers, host:port,host:port,...") String zookeeper,
        @Setting(byDefault = "127.0.0.1", help = "address under which others reach this process") String host,
        @Setting(help = "address to listen on, when it is not the host (for instance 0.0.0.0)") Optional<String> bind,
        @Setting(byDefault = "0", help = "port of the gRPC server; 0 takes any free one") int port,
        @Setting(byDefault = "0", help = "port of the Prometheus endpoint; 0 takes any free one, -1 has none")
                int metricsPort,
        @Setting(help = "checkpoint: a released layout, an instruct file, or a converted directory")
                Optional<Path> checkpoint,
        @Setting(byDefault = "bf16", help = "type computed in: fp32 or bf16") DType dtype,
        @Setting(byDefault = "cpu", help = "device computed on: cpu or cuda:N") String device,
        @Setting(byDefault = "0", help = "threads that compute; 0 is one for each processor") int threads,
        @Setting(byDefault = "10s", help = "ZooKeeper session timeout") Duration sessionTimeout,
        @Setting(byDefault = "20s", help = "longest time that running calls get to finish when the process is stopped")
                Duration drainTimeout) {
    private static final Pattern CLUSTER = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]*");
    private static final Pattern DEVICE = Pattern.compile("cpu|cuda:\\d+");

    public NodeConfig {
        require(CLUSTER.matcher(cluster).matches(), "cluster must be letters, digits, '_', '.' or '-': " + cluster);
        require(port >= 0 && port <= 0xffff, "port must be within 0 and 65535: " + port);
        require(metricsPort >= -1 && metricsPort <= 0xffff, "metricsPort must be within -1 and 65535: " + metricsPort);
        require(dtype == DType.D_TYPE_FP32 || dtype == DType.D_TYPE_BF16, "dtype must be fp32 or bf16");
        require(DEVICE.matcher(device).matches(), "device must be cpu or cuda:N: " + device);
        require(threads >= 0, "threads cannot be negative: " + threads);
        require(sessionTimeout.toMillis() > 0, "sessionTimeout must be above zero");
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise);
        }
    }

    /** The address to listen on. */
    public String listenHost() {
        return bind.orElse(host);
    }

    /** The checkpoint, for processes that cannot do without. */
    public Path requiredCheckpoint() {
        return checkpoint.orElseThrow(() -> new ConfigException("checkpoint has to be given: --checkpoint"));
    }

    /** Threads that compute, at least one. */
    public int computeThreads() {
        return threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
    }
}
