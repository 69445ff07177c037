package io.dromaius.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.IntConsumer;
import picocli.CommandLine.Option;

/** Over how many rounds figures are taken, and how they are shown. */
final class ReportMixin {
    @Option(
            names = "--rounds",
            paramLabel = "N",
            converter = AtLeastOne.class,
            description = "Rounds of each figure (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(names = "--json", description = "Print JSON instead of a table.")
    private boolean json;

    /** @param rounds unless the command line says otherwise */
    ReportMixin(int rounds) {
        this.rounds = rounds;
    }

    int rounds() {
        return rounds;
    }

    /** Takes figures over the rounds, showing how far they are, and prints them. */
    void take(Terminal terminal, BiFunction<Integer, IntConsumer, Map<String, Double>> bench) {
        Map<String, Double> taken;
        try (Terminal.Progress progress = terminal.progress("measuring", rounds)) {
            taken = bench.apply(rounds, finished -> progress.at(finished, ""));
        }
        print(terminal, taken);
    }

    void print(Terminal terminal, Map<String, Double> figures) {
        if (json) {
            terminal.print(json(figures));
        } else {
            int width = figures.keySet().stream().mapToInt(String::length).max().orElse(0);
            figures.forEach((name, value) ->
                    terminal.print(String.format(Locale.ROOT, "%-" + (width + 2) + "s %10.3f", name, value)));
        }
    }

    private static String json(Map<String, Double> figures) {
        try {
            return new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(figures);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a map of numbers can always be written", e);
        }
    }
}
