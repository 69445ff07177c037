package io.dromaius.cli.cluster;

import java.util.List;

/**
 * What {@code emu up} leaves behind for the commands after it.
 *
 * @param endpoint of the coordinator's public API, host:port
 * @param zookeeper connection string
 * @param processes in the order in which they were started
 */
public record ClusterRecord(
        String cluster, String endpoint, String zookeeper, String checkpoint, List<ProcessRecord> processes) {
    public ClusterRecord {
        processes = List.copyOf(processes);
    }

    /** Whether any process still runs. */
    public boolean alive() {
        return processes.stream().anyMatch(ProcessRecord::alive);
    }
}
