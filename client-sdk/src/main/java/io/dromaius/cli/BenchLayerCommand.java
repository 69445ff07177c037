package io.dromaius.cli;

import io.dromaius.model.bench.LayerBench;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.Torch;
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
    private ReportMixin report = new ReportMixin();

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "0",
            description = "Computing threads; 0 is one for each processor.")
    private int threads;

    @Option(
            names = "--dtype",
            paramLabel = "TYPE",
            defaultValue = "bf16",
            description = "Type computed in: bf16 or fp32 (default: ${DEFAULT-VALUE}).")
    private String dtype = "bf16";

    BenchLayerCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        Torch.setThreads(threads > 0 ? threads : Runtime.getRuntime().availableProcessors());
        terminal.say("making random weights");
        try (LayerBench bench = new LayerBench(LayerBench.LLAMA_13B_WIDE, Dtype.parse(dtype), System::nanoTime)) {
            report.take(terminal, bench::steps);
        }
        return 0;
    }
}
