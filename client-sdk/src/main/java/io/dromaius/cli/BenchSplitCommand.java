package io.dromaius.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dromaius.cli.bench.Load;
import io.dromaius.cli.bench.LoadRun;
import io.dromaius.cli.bench.Workload;
import io.dromaius.cli.cluster.ClusterOptions;
import io.dromaius.cli.cluster.LocalCluster;
import io.dromaius.cli.cluster.StateDirectory;
import io.dromaius.client.EmuClient;
import io.dromaius.model.tiny.TinyCheckpoint;
import io.dromaius.model.tiny.TinySizes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What splitting a model costs. */
@Command(
        name = "split",
        header = "Measure what splitting a model over shards costs.",
        description = {
            "Starts one shard of N threads and N shards of one thread in turn, on the same processors, each under a closed"
                    + " loop, and compares their tokens a second (medians). Without --checkpoint it makes a model whose"
                    + " layers are large enough to measure.",
            ""
        })
final class BenchSplitCommand implements Callable<Integer> {
    private static final TinySizes MEASURABLE = TinySizes.DEFAULT.withLlama(8, 1024, 16, 2752, 2048);
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final Terminal terminal;

    @Option(names = "--checkpoint", paramLabel = "PATH", description = "The model to split.")
    private @Nullable Path checkpoint;

    @Option(
            names = "--shards",
            paramLabel = "N",
            defaultValue = "2",
            description = "Shards, and threads of the one shard (default: ${DEFAULT-VALUE}).")
    private int shards = 2;

    @Option(
            names = "--clients",
            paramLabel = "N",
            defaultValue = "8",
            description = "Clients of the closed loop (default: ${DEFAULT-VALUE}).")
    private int clients = 8;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "3",
            description = "Rounds of both (default: ${DEFAULT-VALUE}).")
    private int rounds = 3;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            defaultValue = "20",
            description = "Time measured in each round (default: ${DEFAULT-VALUE}).")
    private int seconds = 20;

    @Option(
            names = "--dtype",
            paramLabel = "TYPE",
            defaultValue = "bf16",
            description = "Type computed in: bf16 or fp32 (default: ${DEFAULT-VALUE}).")
    private String dtype = "bf16";

    BenchSplitCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        try (RunFolder folder = RunFolder.create("bench")) {
            Path model = checkpoint == null
                    ? new TinyCheckpoint(MEASURABLE, 1)
                            .pretrain(Files.createDirectories(folder.path().resolve("model")))
                    : checkpoint;
            List<Double> whole = new ArrayList<>();
            List<Double> split = new ArrayList<>();
            for (int round = 0; round < rounds; round++) {
                whole.add(tokensPerSecond(folder, model, 1, shards));
                split.add(tokensPerSecond(folder, model, shards, 1));
            }
            print(median(whole), median(split));
        }
        return 0;
    }

    private double tokensPerSecond(RunFolder folder, Path model, int count, int threads) throws InterruptedException {
        StateDirectory state = new StateDirectory(folder.path().resolve("cluster"));
        ClusterOptions options =
                ClusterOptions.small(folder.name(), state, model, count).with(count, threads, dtype, 0);
        Workload workload = new Workload(32, 64, 0, 1);
        LoadRun run =
                new LoadRun(new Load.Closed(clients, 1), workload, Duration.ofSeconds(5), Duration.ofSeconds(seconds));
        try (LocalCluster cluster = LocalCluster.start(options, PATIENCE, terminal);
                EmuClient emu = EmuClient.builder().endpoint(cluster.endpoint()).build()) {
            double rate = run.run(emu, Map.of(), List.of()).figures().tokensPerSecond();
            terminal.say(count + " x " + threads + " threads: " + rate + " tokens/s");
            return rate;
        }
    }

    private void print(double whole, double split) throws JsonProcessingException {
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("clients", clients);
        figures.put("dtype", dtype);
        figures.put("one_shard_tokens_per_second", whole);
        figures.put("split_tokens_per_second", split);
        figures.put("split_of_one", split / whole);
        terminal.print(new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(figures));
    }

    private static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }
}
