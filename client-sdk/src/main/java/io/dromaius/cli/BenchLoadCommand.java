package io.dromaius.cli;

import io.dromaius.cli.bench.BenchReport;
import io.dromaius.cli.bench.Load;
import io.dromaius.cli.bench.LoadRun;
import io.dromaius.cli.bench.Workload;
import io.dromaius.client.EmuClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Load over gRPC. */
@Command(
        name = "load",
        header = "Put a load on a cluster and report latency and throughput.",
        description = {
            "Closed loop (--clients): each client sends the next request when the last one has ended. Open loop (--rate):"
                    + " requests come at random times, whether or not earlier ones have ended, and each is timed from when"
                    + " it was due, so that a cluster that stalls cannot hide it.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  emu bench load --clients 8 --max-tokens 64",
            "  emu bench load --rate 2.5 --seconds 60 --pictures 0.1 --output report.json"
        })
final class BenchLoadCommand implements Callable<Integer> {
    /** Requests a second that one process can still send at their times. */
    private static final int MOST = 10_000;

    private final Terminal terminal;

    @Option(
            names = "--clients",
            paramLabel = "N",
            defaultValue = "4",
            converter = AtLeastOne.class,
            description = "Clients of the closed loop (default: ${DEFAULT-VALUE}).")
    private int clients = 4;

    @Option(names = "--rate", paramLabel = "R", description = "Requests a second: open loop instead.")
    private @Nullable Double rate;

    @Mixin
    private LoadTimeMixin time = new LoadTimeMixin(5, 30);

    @Option(
            names = "--prompt-words",
            paramLabel = "N",
            defaultValue = "32",
            converter = AtLeastOne.class,
            description = "Words of a prompt (default: ${DEFAULT-VALUE}).")
    private int promptWords = 32;

    @Option(
            names = "--max-tokens",
            paramLabel = "N",
            defaultValue = "32",
            converter = AtLeastOne.class,
            description = "Tokens of an answer (default: ${DEFAULT-VALUE}).")
    private int maxTokens = 32;

    @Option(
            names = "--pictures",
            paramLabel = "SHARE",
            defaultValue = "0",
            description = "Share of the requests that draw a picture, 0 to 1 (default: ${DEFAULT-VALUE}).")
    private double pictures;

    @Option(
            names = "--steps",
            paramLabel = "N",
            defaultValue = "20",
            converter = AtLeastOne.class,
            description = "Denoise steps of a picture (default: ${DEFAULT-VALUE}).")
    private int steps = 20;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Of prompts and arrival times (default: ${DEFAULT-VALUE}).")
    private long seed = 1;

    @Option(names = "--json", description = "Print JSON instead of a table.")
    private boolean json;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "Where the report goes as JSON, besides being printed.")
    private @Nullable Path output;

    @Mixin
    private ConnectionMixin connection = new ConnectionMixin();

    BenchLoadCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws InterruptedException {
        if (rate != null && !(rate > 0 && rate <= MOST)) {
            throw new CommandFailure("--rate is above 0 and at most " + MOST + ", not " + rate, "choose another");
        }
        if (!(pictures >= 0 && pictures <= 1)) {
            throw new CommandFailure("--pictures is within 0 and 1, not " + pictures, "choose another");
        }
        Load load = rate == null ? new Load.Closed(clients, seed) : new Load.Open(rate, seed);
        Workload workload = new Workload(promptWords, maxTokens, pictures, steps);
        LoadRun run = new LoadRun(load, workload, time.warmUp(), time.measured());
        try (EmuClient emu = connection.open()) {
            terminal.say("measuring for " + time.measured().toSeconds() + " s after "
                    + time.warmUp().toSeconds() + " s of warm-up: " + load + ", " + workload);
            BenchReport report = run.run(
                    emu, Map.of("load", load.toString(), "workload", workload.toString()), connection.localProcesses());
            publish(report);
        }
        return 0;
    }

    private void publish(BenchReport report) {
        if (json) {
            terminal.print(report.json());
        } else {
            report.lines().forEach(terminal::print);
        }
        if (output != null) {
            try {
                Files.writeString(output, report.json(), StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new UncheckedIOException("cannot write " + output, e);
            }
        }
    }
}
