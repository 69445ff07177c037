package io.dromaius.testkit;

import io.dromaius.client.EmuClient;
import io.dromaius.client.GenerationEvent;
import io.dromaius.client.GenerationOptions;
import io.dromaius.client.GenerationStream;
import io.dromaius.client.Prompt;
import io.dromaius.shard.ShardWorkerMain;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Measures a cluster of processes under a closed loop of greedy streams: tokens a second, the share of the time each stage
 * computes, and the coordinator's CPU time for a token.
 */
@Command(name = "cluster-bench", mixinStandardHelpOptions = true)
public final class ClusterBench implements Callable<Integer> {
    @Option(names = "--checkpoint", required = true)
    private @Nullable Path checkpoint;

    @Option(names = "--dtype", defaultValue = "bf16")
    private String dtype = "bf16";

    @Option(names = "--shards", defaultValue = "2")
    private int shards = 2;

    @Option(names = "--threads", defaultValue = "1", description = "Compute threads of each shard.")
    private int threads = 1;

    @Option(names = "--streams", defaultValue = "8")
    private int streams = 8;

    @Option(names = "--tokens", defaultValue = "256", description = "Tokens of each answer.")
    private int tokens = 256;

    @Option(names = "--warm-up", defaultValue = "5")
    private int warmUpSeconds = 5;

    @Option(names = "--seconds", defaultValue = "20")
    private int seconds = 20;

    @Option(names = "--window", defaultValue = "0", description = "Steps in flight; 0 is the coordinator's default.")
    private int window;

    @Option(names = "--free", description = "Shards that compute nothing.")
    private boolean free;

    public static void main(String[] args) {
        System.exit(new CommandLine(new ClusterBench()).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        Path directory = Files.createTempDirectory("cluster-bench");
        List<String> shared =
                List.of("--checkpoint", String.valueOf(checkpoint), "--dtype", dtype, "--cluster", "bench");
        try (BenchCluster cluster = new BenchCluster(directory)) {
            List<String> coordinator = new ArrayList<>(shared);
            coordinator.addAll(List.of("--window", Integer.toString(window)));
            cluster.start(coordinator, shards);
            for (int i = 0; i < shards; i++) {
                cluster.startShard(free ? FreeShardMain.class : ShardWorkerMain.class, shared, threads);
            }
            try (EmuClient client = cluster.client()) {
                measure(cluster, client);
            }
        }
        return 0;
    }

    /** Counters at one moment. */
    private record Reading(long nanos, long tokens, double coordinatorCpu, List<Double> busy) {
        static Reading of(BenchCluster cluster, AtomicLong received) {
            return new Reading(
                    System.nanoTime(),
                    received.get(),
                    cluster.coordinator().metric("process_cpu_seconds_total"),
                    cluster.shards().stream()
                            .map(shard -> shard.metric("dromaius_shard_busy_seconds_total"))
                            .toList());
        }
    }

    private void measure(BenchCluster cluster, EmuClient client) throws Exception {
        AtomicLong received = new AtomicLong();
        ExecutorService readers = Executors.newFixedThreadPool(streams);
        List<Future<?>> running = new ArrayList<>();
        for (int i = 0; i < streams; i++) {
            String prompt = "stream " + i + " asks for words about a picture of the sea";
            running.add(readers.submit(() -> stream(client, prompt, received)));
        }
        TimeUnit.SECONDS.sleep(warmUpSeconds);
        Reading from = Reading.of(cluster, received);
        TimeUnit.SECONDS.sleep(seconds);
        Reading to = Reading.of(cluster, received);
        for (Future<?> stream : running) {
            if (stream.isDone()) {
                stream.get(); // an answer that failed is not to pass for a slow one
            }
        }
        readers.shutdownNow();
        report(from, to);
    }

    private void stream(EmuClient client, String prompt, AtomicLong received) {
        GenerationOptions options = GenerationOptions.builder()
                .minTokens(tokens)
                .maxTokens(tokens)
                .deadline(Duration.ofMinutes(10))
                .build();
        while (!Thread.currentThread().isInterrupted()) {
            try (GenerationStream answer = client.stream(Prompt.of(prompt), options)) {
                for (GenerationEvent event : answer) {
                    if (event instanceof GenerationEvent.TextDelta delta) {
                        received.addAndGet(delta.tokenIds().size());
                    }
                }
            }
        }
    }

    private void report(Reading from, Reading to) {
        double wall = (to.nanos() - from.nanos()) / 1e9;
        long count = to.tokens() - from.tokens();
        double busy = 0;
        StringBuilder stages = new StringBuilder();
        for (int i = 0; i < from.busy().size(); i++) {
            double share = (to.busy().get(i) - from.busy().get(i)) / wall;
            busy += share;
            stages.append(String.format(Locale.ROOT, " %.3f", share));
        }
        System.out.printf(
                Locale.ROOT,
                "%d shards x %d threads, %d streams: %.1f tokens/s, busy%s (sum %.2f), coordinator %.1f us CPU/token%n",
                shards,
                threads,
                streams,
                count / wall,
                stages,
                busy,
                (to.coordinatorCpu() - from.coordinatorCpu()) / count * 1e6);
    }
}
