package io.dromaius.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dromaius.model.bench.LayerBench;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.Torch;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Layers alone. */
@Command(
        name = "layer",
        header = "Measure layers of LLaMA-13B's width alone, beside a reader of the same bytes.",
        description = {
            "Four layers and lm_head of random weights, decode and prefill, attention at long contexts; medians of"
                    + " alternated rounds, in milliseconds, as JSON. Needs 4 GB and a quiet machine.",
            ""
        })
final class BenchLayerCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "20",
            description = "Rounds of each figure (default: ${DEFAULT-VALUE}).")
    private int rounds = 20;

    @Option(
            names = "--dtype",
            paramLabel = "TYPE",
            defaultValue = "bf16",
            description = "Type computed in: bf16 or fp32 (default: ${DEFAULT-VALUE}).")
    private String dtype = "bf16";

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "0",
            description = "Computing threads; 0 is one for each processor.")
    private int threads;

    BenchLayerCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws JsonProcessingException {
        Torch.setThreads(threads > 0 ? threads : Runtime.getRuntime().availableProcessors());
        LayerBench bench = new LayerBench(LayerBench.LLAMA_13B_WIDE, Dtype.parse(dtype), System::nanoTime);
        Map<String, Double> figures = new LinkedHashMap<>(bench.steps(rounds));
        figures.putAll(bench.attention(rounds));
        terminal.print(new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(figures));
        return 0;
    }
}
