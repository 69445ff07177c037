package io.dromaius.cli;

import io.dromaius.cli.bench.BenchReport;
import io.dromaius.cli.bench.Load;
import io.dromaius.cli.bench.LoadRun;
import io.dromaius.cli.bench.LoadedCluster;
import io.dromaius.cli.bench.Median;
import io.dromaius.cli.bench.Workload;
import io.dromaius.cli.cluster.ClusterOptions;
import io.dromaius.model.tiny.TinySizes;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What the coordinator takes. */
@Command(
        name = "coordinator",
        header = "Measure the coordinator's processor time for each token.",
        description = {
            "Starts a cluster whose shards are processes that compute nothing, so that over real connections all that is left"
                    + " is the coordinator's own work, and puts it under a closed loop. Medians over rounds; the warm-up comes"
                    + " before the first. Without --checkpoint it makes a tiny model: a real one's payloads are larger.",
            ""
        })
final class BenchCoordinatorCommand implements Callable<Integer> {
    private static final String FREE_SHARD = "io.dromaius.shard.free.FreeShardMain";
    private static final Duration LATER_WARM_UP = Duration.ofSeconds(1);

    private final Terminal terminal;

    @Mixin
    private OwnClusterMixin own = new OwnClusterMixin();

    @Option(
            names = "--clients",
            paramLabel = "N",
            defaultValue = "64",
            converter = AtLeastOne.class,
            description = "Streams at a time (default: ${DEFAULT-VALUE}).")
    private int clients = 64;

    @Mixin
    private LoadTimeMixin time = new LoadTimeMixin(15, 8);

    @Option(
            names = "--jvm",
            paramLabel = "FLAG",
            description = "Flag for the Java of every process, such as a recording of its profile; may be repeated.")
    private List<String> jvmFlags = new ArrayList<>();

    @Mixin
    private ReportMixin report = new ReportMixin(3);

    BenchCoordinatorCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        try (RunFolder folder = RunFolder.create("bench")) {
            Path model = own.checkpointOr(TinySizes.DEFAULT, folder, terminal);
            ClusterOptions options = own.options(folder, model)
                    .computing(1, "fp32")
                    .withoutMedia()
                    .withShards(FREE_SHARD, jvmFlags);
            try (LoadedCluster cluster = new LoadedCluster("free shards", options, terminal)) {
                terminal.say("warming up for " + time.warmUp().toSeconds() + " s");
                for (int round = 0; round < report.rounds(); round++) {
                    BenchReport loaded = cluster.load(load(round == 0 ? time.warmUp() : LATER_WARM_UP));
                    terminal.say(String.format(
                            Locale.ROOT,
                            "%.1f us a token at %.0f tokens/s",
                            micros(loaded),
                            loaded.figures().tokensPerSecond()));
                }
                report.print(terminal, figures(cluster.reports()));
            }
        }
        return 0;
    }

    private LoadRun load(Duration warmUp) {
        return new LoadRun(new Load.Closed(clients, 1), new Workload(8, 512, 0, 1), warmUp, time.measured());
    }

    private static Map<String, Double> figures(List<BenchReport> reports) {
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("coordinator, us of processor time a token", Median.of(reports, BenchCoordinatorCommand::micros));
        figures.put(
                "least of a round",
                reports.stream()
                        .mapToDouble(BenchCoordinatorCommand::micros)
                        .min()
                        .orElseThrow());
        figures.put(
                "most of a round",
                reports.stream()
                        .mapToDouble(BenchCoordinatorCommand::micros)
                        .max()
                        .orElseThrow());
        figures.put("tokens/s", Median.of(reports, run -> run.figures().tokensPerSecond()));
        return figures;
    }

    private static double micros(BenchReport report) {
        Double micros = report.cpuPerToken().get("coordinator");
        if (micros == null) {
            throw new CommandFailure("no token came, or the coordinator is gone", "see its log");
        }
        return micros;
    }
}
