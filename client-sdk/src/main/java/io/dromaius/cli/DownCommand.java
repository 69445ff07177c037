package io.dromaius.cli;

import io.dromaius.cli.cluster.ClusterRecord;
import io.dromaius.cli.cluster.LocalCluster;
import io.dromaius.cli.cluster.StateDirectory;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Stops the cluster that {@code emu up} started. */
@Command(
        name = "down",
        header = "Stop a cluster that 'emu up' started.",
        description =
                "Lets running calls finish, stops every process, ZooKeeper last, and kills what does not end in time."
                        + " A process is known by its pid and its start time, so that nothing else is ever stopped.")
final class DownCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Mixin
    private ClusterMixin cluster = new ClusterMixin();

    @Option(
            names = "--patience",
            paramLabel = "SECONDS",
            defaultValue = "25",
            converter = NotNegative.class,
            description = "Time that running calls get to finish (default: ${DEFAULT-VALUE}).")
    private int patienceSeconds = 25;

    DownCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        StateDirectory state = cluster.directory();
        Optional<ClusterRecord> record = state.read();
        if (record.isEmpty()) {
            terminal.print("no cluster '" + cluster.cluster + "' was started on this machine: nothing to stop");
            return 0;
        }
        List<String> killed = LocalCluster.stop(state, record.get(), Duration.ofSeconds(patienceSeconds));
        terminal.print("cluster '" + record.get().cluster() + "' is stopped"
                + (killed.isEmpty() ? "" : "; killed, for they did not end in time: " + String.join(", ", killed)));
        return 0;
    }
}
