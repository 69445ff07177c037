package io.dromaius.cli.bench;

import io.dromaius.cli.Terminal;
import io.dromaius.cli.cluster.ClusterOptions;
import io.dromaius.cli.cluster.LocalCluster;
import io.dromaius.client.EmuClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A cluster of this command's own, and the reports of the loads it was put under. It ends when this is closed. */
public final class LoadedCluster implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final String name;
    private final LocalCluster cluster;
    private final EmuClient emu;
    private final List<BenchReport> reports = new ArrayList<>();

    /** @param name to tell it from others */
    public LoadedCluster(String name, ClusterOptions options, Terminal terminal) {
        this.name = name;
        this.cluster = LocalCluster.start(options, PATIENCE, terminal);
        this.emu = EmuClient.builder().endpoint(cluster.endpoint()).build();
    }

    public String name() {
        return name;
    }

    /** Puts it under a load and keeps the report. */
    public BenchReport load(LoadRun load) throws InterruptedException {
        BenchReport report = load.run(emu, Map.of(), cluster.record().processes());
        reports.add(report);
        return report;
    }

    /** Of all loads so far. */
    public List<BenchReport> reports() {
        return List.copyOf(reports);
    }

    @Override
    public void close() {
        emu.close();
        cluster.close();
    }
}
