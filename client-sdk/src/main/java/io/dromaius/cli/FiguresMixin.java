package io.dromaius.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Option;

/** How figures are shown. */
final class FiguresMixin {
    @Option(names = "--json", description = "Print JSON instead of a table.")
    private boolean json;

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
