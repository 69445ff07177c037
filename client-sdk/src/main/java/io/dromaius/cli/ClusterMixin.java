package io.dromaius.cli;

import io.dromaius.cli.cluster.StateDirectory;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which cluster of this machine a command is about. */
final class ClusterMixin {
    @Option(
            names = "--cluster",
            paramLabel = "NAME",
            defaultValue = "${env:EMU_CLUSTER:-dromaius}",
            description = "Name of the cluster (default: ${DEFAULT-VALUE}; EMU_CLUSTER).")
    String cluster = "dromaius";

    @Option(
            names = "--state",
            paramLabel = "DIR",
            description = "Folder of its logs, pids and ZooKeeper data (default: ~/.dromaius/NAME).")
    @Nullable
    Path state;

    StateDirectory directory() {
        return state == null ? StateDirectory.of(cluster) : new StateDirectory(state.toAbsolutePath());
    }
}
