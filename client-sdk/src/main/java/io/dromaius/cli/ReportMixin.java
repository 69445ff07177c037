package io.dromaius.cli;

import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.IntConsumer;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How often something is measured in alternation, and how the figures are shown. */
final class ReportMixin {
    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "20",
            description = "Rounds of each figure (default: ${DEFAULT-VALUE}).")
    private int rounds = 20;

    @Mixin
    private FiguresMixin figures = new FiguresMixin();

    /** Takes figures over the rounds, showing how far they are, and prints them. */
    void take(Terminal terminal, BiFunction<Integer, IntConsumer, Map<String, Double>> bench) {
        Map<String, Double> taken;
        try (Terminal.Progress progress = terminal.progress("measuring", rounds)) {
            taken = bench.apply(rounds, finished -> progress.at(finished, ""));
        }
        figures.print(terminal, taken);
    }
}
