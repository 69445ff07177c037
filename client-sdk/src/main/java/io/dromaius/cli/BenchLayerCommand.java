package io.dromaius.cli;

import io.dromaius.model.bench.LayerBench;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Layers alone. */
@Command(
        name = "layer",
        header = "Measure layers of LLaMA-13B's width alone, beside a reader of the same bytes.",
        description = {
            "Four layers and lm_head of random weights at context 128: decode of 1 and of 8 rows, prefill of 128, a reader of"
                    + " the same weights and the matrix products alone, in alternation. Ratios are medians over rounds;"
                    + " 'best' is of the fastest of each, which other programs disturb least. Needs 4 GB.",
            ""
        })
final class BenchLayerCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Mixin
    private ReportMixin report = new ReportMixin(20);

    @Mixin
    private ThreadsMixin threads = new ThreadsMixin();

    @Mixin
    private DtypeMixin type = new DtypeMixin();

    @Option(names = "--batch-invariant", description = "As shards of 'emu up --batch-invariant' compute.")
    private boolean batchInvariant;

    BenchLayerCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        threads.set();
        terminal.say("making random weights");
        try (LayerBench bench =
                new LayerBench(LayerBench.LLAMA_13B_WIDE, type.dtype(), batchInvariant, System::nanoTime)) {
            report.take(terminal, bench::steps);
        }
        return 0;
    }
}
