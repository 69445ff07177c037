package io.dromaius.cli;

import io.dromaius.model.bench.AttentionBench;
import io.dromaius.model.bench.KernelBench;
import io.dromaius.model.bench.LayerBench;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Attention alone. */
@Command(
        name = "attention",
        header = "Measure attention of LLaMA-13B's width over 2,000 positions, beside a reader of the same bytes.",
        description = {
            "One row, and beams that share 1,904 positions, over pages of keys and values and, as a stage reads what is"
                    + " shared for long, over a packed copy of the shared ones; each in alternation with a reader of what it"
                    + " must read, shared positions once. Ratios are medians over rounds; 'best' is of the fastest of each,"
                    + " which other programs disturb least. Needs 2 GB.",
            ""
        })
final class BenchAttentionCommand implements Callable<Integer> {
    private static final int MOST_BEAMS = 64;

    private final Terminal terminal;

    @Mixin
    private ReportMixin report = new ReportMixin(20);

    @Mixin
    private ThreadsMixin threads = new ThreadsMixin();

    @Option(
            names = "--kernels",
            description =
                    "Measure single kernels that could read keys or values of so many rows, over a reader of both.")
    private boolean kernels;

    @Option(
            names = "--beams",
            paramLabel = "N",
            defaultValue = "5",
            converter = AtLeastOne.class,
            description = "Beams, 64 at most (default: ${DEFAULT-VALUE}).")
    private int beams;

    BenchAttentionCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        if (beams > MOST_BEAMS) {
            throw new CommandFailure(
                    "--beams: " + beams + " is more than " + MOST_BEAMS, "give fewer: each takes memory");
        }
        threads.set();
        if (kernels) {
            try (KernelBench bench = new KernelBench(LayerBench.LLAMA_13B_WIDE, System::nanoTime)) {
                report.take(terminal, (rounds, finished) -> bench.run(beams, rounds, finished));
            }
            return 0;
        }
        try (AttentionBench bench = new AttentionBench(LayerBench.LLAMA_13B_WIDE, beams, System::nanoTime)) {
            report.take(terminal, bench::run);
        }
        return 0;
    }
}
