package io.dromaius.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Option;

/** How often something is measured, and how the figures are shown. */
final class ReportMixin {
    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "20",
            description = "Rounds of each figure (default: ${DEFAULT-VALUE}).")
    private int rounds = 20;

    @Option(names = "--json", description = "Print JSON instead of a table.")
    private boolean json;

    int rounds() {
        return rounds;
    }

    void print(Terminal terminal, Map<String, Double> figures) {
        if (json) {
            terminal.print(json(figures));
        } else {
            figures.forEach((name, value) -> terminal.print(String.format(Locale.ROOT, "%-40s %10.3f", name, value)));
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
