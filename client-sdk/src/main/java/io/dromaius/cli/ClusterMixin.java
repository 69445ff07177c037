package io.dromaius.cli;

import io.dromaius.cli.cluster.StateDirectory;
import java.nio.file.Path;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which cluster of this machine a command is about. */
final class ClusterMixin {
    private static final String DEFAULT = "dromaius";
    /** As every process of a cluster wants it; it is also a folder's name. */
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]*");

    @Option(
            names = "--cluster",
            paramLabel = "NAME",
            defaultValue = "${env:EMU_CLUSTER:-" + DEFAULT + "}",
            description = "Name of the cluster (default: ${DEFAULT-VALUE}; EMU_CLUSTER).")
    String cluster = DEFAULT;

    @Option(
            names = "--state",
            paramLabel = "DIR",
            description = "Folder of its logs, pids and ZooKeeper data (default: ~/.dromaius/NAME).")
    @Nullable
    Path state;

    StateDirectory directory() {
        if (!NAME.matcher(cluster).matches()) {
            throw new CommandFailure(
                    "'" + cluster + "' is no name of a cluster", "use letters, digits, '_', '.' and '-'");
        }
        return state == null ? StateDirectory.of(cluster) : new StateDirectory(state.toAbsolutePath());
    }

    /** What other commands need to be told to find this cluster; empty where they find it by themselves. */
    String flags() {
        String found = Objects.requireNonNullElse(System.getenv("EMU_CLUSTER"), DEFAULT);
        return (cluster.equals(found) ? "" : " --cluster " + cluster) + (state == null ? "" : " --state " + state);
    }
}
