package io.dromaius.cli;

import io.dromaius.cli.bench.BenchReport;
import io.dromaius.cli.bench.Load;
import io.dromaius.cli.bench.LoadRun;
import io.dromaius.cli.bench.LoadedCluster;
import io.dromaius.cli.bench.Median;
import io.dromaius.cli.bench.ShardMemory;
import io.dromaius.cli.bench.Workload;
import io.dromaius.cli.cluster.ClusterOptions;
import io.dromaius.cli.cluster.StateDirectory;
import io.dromaius.model.tiny.TinySizes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What splitting a model costs. */
@Command(
        name = "split",
        header = "Measure what splitting a model over shards costs.",
        description = {
            "Starts clusters of one shard of N threads and of N shards of one thread (--shards N), each with as many"
                    + " steps in flight as stages and with one more, and puts one after the other under a closed loop that"
                    + " fills every step with as many sequences, round by round. Tells each one's tokens a second and the"
                    + " summed share of the time that its shards computed (medians), and the best split over the best whole"
                    + " one. Without --checkpoint it makes a model whose layers are large enough to measure.",
            ""
        })
final class BenchSplitCommand implements Callable<Integer> {
    private static final TinySizes MEASURABLE = TinySizes.DEFAULT.withLlama(8, 1024, 16, 2752, 2048);

    private final Terminal terminal;

    @Mixin
    private OwnClusterMixin own = new OwnClusterMixin();

    @Option(
            names = "--sequences",
            paramLabel = "N",
            defaultValue = "8",
            converter = AtLeastOne.class,
            description = "Sequences in each step (default: ${DEFAULT-VALUE}).")
    private int sequences = 8;

    @Mixin
    private LoadTimeMixin time = new LoadTimeMixin(2, 5);

    @Mixin
    private DtypeMixin type = new DtypeMixin();

    @Mixin
    private ReportMixin report = new ReportMixin(3);

    BenchSplitCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<LoadedCluster> whole = new ArrayList<>();
        List<LoadedCluster> split = new ArrayList<>();
        try (RunFolder folder = RunFolder.create("bench")) {
            Path model = own.checkpointOr(MEASURABLE, folder, terminal);
            try {
                for (int more = 0; more <= 1; more++) {
                    whole.add(start(folder, model, 1, own.shards(), 1 + more));
                    split.add(start(folder, model, own.shards(), 1, own.shards() + more));
                }
                measure(whole, split);
            } finally {
                whole.forEach(LoadedCluster::close);
                split.forEach(LoadedCluster::close);
            }
        }
        report.print(terminal, figures(whole, split));
        return 0;
    }

    private LoadedCluster start(RunFolder folder, Path model, int count, int threads, int window) {
        String name = String.format(Locale.ROOT, "%d x %d threads, window %d", count, threads, window);
        String cluster = folder.name() + "-" + count + "-" + window;
        StateDirectory state = new StateDirectory(folder.path().resolve(cluster));
        ClusterOptions options = ClusterOptions.small(cluster, state, model, count)
                .computing(threads, DtypeMixin.name(type.dtype()))
                .withoutMedia()
                .withWindow(window);
        return new LoadedCluster(name, options, terminal);
    }

    /** The clusters that are not under load stand still. */
    private void measure(List<LoadedCluster> whole, List<LoadedCluster> split) throws InterruptedException {
        for (int round = 0; round < report.rounds(); round++) {
            for (int more = 0; more <= 1; more++) {
                load(whole.get(more), 1 + more);
                load(split.get(more), own.shards() + more);
            }
        }
    }

    /** A sequence is in one step at a time, so each step in flight has sequences of its own. */
    private void load(LoadedCluster cluster, int window) throws InterruptedException {
        BenchReport loaded = cluster.load(new LoadRun(
                new Load.Closed(sequences * window, 1), new Workload(32, 64, 0, 1), time.warmUp(), time.measured()));
        terminal.say(String.format(
                Locale.ROOT,
                "%s: %.1f tokens/s, busy %.2f",
                cluster.name(),
                loaded.figures().tokensPerSecond(),
                loaded.summedBusy()));
    }

    private static Map<String, Double> figures(List<LoadedCluster> whole, List<LoadedCluster> split) {
        Map<String, Double> figures = new LinkedHashMap<>();
        for (List<LoadedCluster> kind : List.of(whole, split)) {
            for (LoadedCluster cluster : kind) {
                figures.put(cluster.name() + ", tokens/s", rate(cluster));
                figures.put(cluster.name() + ", summed busy", Median.of(cluster.reports(), BenchReport::summedBusy));
                figures.put(
                        cluster.name() + ", most MB of a shard beyond weights, KV pages and packed prefixes",
                        cluster.reports().stream()
                                .flatMap(run -> run.memory().values().stream())
                                .mapToDouble(ShardMemory::beyond)
                                .max()
                                .orElse(0));
            }
        }
        figures.put("split / whole", best(split) / best(whole));
        return figures;
    }

    private static double best(List<LoadedCluster> clusters) {
        return clusters.stream()
                .map(BenchSplitCommand::rate)
                .max(Comparator.naturalOrder())
                .orElseThrow();
    }

    private static double rate(LoadedCluster cluster) {
        return Median.of(cluster.reports(), run -> run.figures().tokensPerSecond());
    }
}
