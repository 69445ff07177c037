package io.dromaius.cli;

import io.dromaius.cli.cluster.ClusterRecord;
import io.dromaius.cli.cluster.ProcessRecord;
import io.dromaius.client.EmuClient;
import io.dromaius.client.EmuClientBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How a command reaches a cluster: by address, or the one that {@code emu up} started on this machine. */
final class ConnectionMixin {
    @Option(
            names = {"-e", "--endpoint"},
            paramLabel = "HOST:PORT",
            split = ",",
            defaultValue = "${env:EMU_ENDPOINT}",
            description = "Coordinator(s) to talk to (EMU_ENDPOINT; default: what 'emu up' started on this machine).")
    List<String> endpoints = new ArrayList<>();

    @Option(
            names = "--deadline",
            paramLabel = "SECONDS",
            defaultValue = "300",
            converter = AtLeastOne.class,
            description = "Time a call may take, retries included (default: ${DEFAULT-VALUE}).")
    int deadlineSeconds = 300;

    @Mixin
    ClusterMixin cluster = new ClusterMixin();

    EmuClient open() {
        EmuClientBuilder builder = EmuClient.builder().deadline(Duration.ofSeconds(deadlineSeconds));
        addresses().forEach(builder::endpoint);
        return builder.build();
    }

    /** Processes of the cluster, if it is the one on this machine. */
    List<ProcessRecord> localProcesses() {
        return cluster.directory()
                .read()
                .filter(running -> addresses().contains(running.endpoint()))
                .map(ClusterRecord::processes)
                .orElse(List.of());
    }

    List<String> addresses() {
        if (!endpoints.isEmpty()) {
            return endpoints;
        }
        ClusterRecord running = cluster.directory()
                .read()
                .filter(ClusterRecord::alive)
                .orElseThrow(() -> new CommandFailure(
                        "no cluster '" + cluster.cluster + "' runs on this machine",
                        "start one with 'emu up --checkpoint DIR', or name a coordinator with --endpoint HOST:PORT"));
        return List.of(running.endpoint());
    }
}
