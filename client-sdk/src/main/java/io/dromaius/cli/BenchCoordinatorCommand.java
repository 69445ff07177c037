package io.dromaius.cli;

import io.dromaius.cli.bench.BenchReport;
import io.dromaius.cli.bench.Load;
import io.dromaius.cli.bench.LoadRun;
import io.dromaius.cli.bench.LoadedCluster;
import io.dromaius.cli.bench.Median;
import io.dromaius.cli.bench.Workload;
import io.dromaius.cli.cluster.ClusterOptions;
import io.dromaius.cli.cluster.StateDirectory;
import io.dromaius.model.tiny.TinyCheckpoint;
import io.dromaius.model.tiny.TinySizes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What the coordinator takes. */
@Command(
        name = "coordinator",
        header = "Measure the coordinator's processor time for each token.",
        description = {
            "Starts a cluster whose shards are processes that compute nothing, so that over real connections all that is left"
                    + " is the coordinator's own work, and puts it under a closed loop. Medians over rounds. Without"
                    + " --checkpoint it makes a tiny model: a real one's payloads are larger.",
            ""
        })
final class BenchCoordinatorCommand implements Callable<Integer> {
    private static final String FREE_SHARD = "io.dromaius.shard.free.FreeShardMain";

    private final Terminal terminal;

    @Option(names = "--checkpoint", paramLabel = "PATH", description = "The model whose sizes and tokenizer are used.")
    private @Nullable Path checkpoint;

    @Option(
            names = "--shards",
            paramLabel = "N",
            defaultValue = "2",
            description = "Shards (default: ${DEFAULT-VALUE}).")
    private int shards = 2;

    @Option(
            names = "--clients",
            paramLabel = "N",
            defaultValue = "64",
            description = "Streams at a time (default: ${DEFAULT-VALUE}).")
    private int clients = 64;

    @Option(
            names = "--warm-up",
            paramLabel = "S",
            defaultValue = "15",
            description = "Time before the first round (default: ${DEFAULT-VALUE}).")
    private int warmUpSeconds = 15;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            defaultValue = "8",
            description = "Time of each round (default: ${DEFAULT-VALUE}).")
    private int seconds = 8;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "3",
            description = "Rounds of each figure (default: ${DEFAULT-VALUE}).")
    private int rounds = 3;

    @Option(
            names = "--jvm",
            paramLabel = "FLAG",
            description = "Flag for the Java of every process, such as a recording of its profile; may be repeated.")
    private List<String> jvmFlags = new ArrayList<>();

    @Mixin
    private FiguresMixin figures = new FiguresMixin();

    BenchCoordinatorCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        try (RunFolder folder = RunFolder.create("bench")) {
            Path model = checkpoint == null
                    ? new TinyCheckpoint(TinySizes.DEFAULT, 0)
                            .pretrain(Files.createDirectories(folder.path().resolve("model")))
                    : checkpoint;
            StateDirectory state = new StateDirectory(folder.path().resolve("cluster"));
            ClusterOptions options = ClusterOptions.small(folder.name(), state, model, shards)
                    .with(shards, 1, "fp32", 0)
                    .withShards(FREE_SHARD, jvmFlags);
            try (LoadedCluster cluster = new LoadedCluster("free shards", options, terminal)) {
                terminal.say("warming up for " + warmUpSeconds + " s");
                for (int round = 0; round < rounds; round++) {
                    BenchReport report = cluster.load(load(round == 0 ? warmUpSeconds : 1));
                    terminal.say(String.format(
                            Locale.ROOT,
                            "%.1f us a token at %.0f tokens/s",
                            micros(report),
                            report.figures().tokensPerSecond()));
                }
                figures.print(terminal, report(cluster.reports()));
            }
        }
        return 0;
    }

    private LoadRun load(int warmUp) {
        return new LoadRun(
                new Load.Closed(clients, 1),
                new Workload(8, 512, 0, 1),
                Duration.ofSeconds(warmUp),
                Duration.ofSeconds(seconds));
    }

    private static Map<String, Double> report(List<BenchReport> reports) {
        Map<String, Double> report = new LinkedHashMap<>();
        report.put("coordinator, us of processor time a token", Median.of(reports, BenchCoordinatorCommand::micros));
        report.put(
                "least of a round",
                reports.stream()
                        .mapToDouble(BenchCoordinatorCommand::micros)
                        .min()
                        .orElseThrow());
        report.put(
                "most of a round",
                reports.stream()
                        .mapToDouble(BenchCoordinatorCommand::micros)
                        .max()
                        .orElseThrow());
        report.put("tokens/s", Median.of(reports, run -> run.figures().tokensPerSecond()));
        return report;
    }

    private static double micros(BenchReport report) {
        Double micros = report.cpuPerToken().get("coordinator");
        if (micros == null) {
            throw new CommandFailure("no token came, or the coordinator is gone", "see its log");
        }
        return micros;
    }
}
