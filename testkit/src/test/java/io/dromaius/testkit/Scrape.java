package io.dromaius.testkit;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a process tells Prometheus, asked over HTTP.
 *
 * @param lines of the text format
 */
record Scrape(List<String> lines) {
    private static final Path PAGE = Path.of("..", "docs", "operations.md");
    private static final Pattern ROW = Pattern.compile("^\\| `(dromaius_\\w+)` \\| ([a-z, ]+) \\|");
    private static final Pattern FAMILY = Pattern.compile("^# TYPE (dromaius_\\w+) ");

    static Scrape of(ClusterProcess process) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + process.metricsPort() + "/metrics"))
                .timeout(Duration.ofSeconds(60))
                .build();
        HttpResponse<String> response = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != 200) {
            throw new IOException(process.name() + " answers " + response.statusCode());
        }
        return new Scrape(response.body().lines().toList());
    }

    /** The sum over all label values of a metric; 0 where nothing was counted yet. */
    double sum(String name) {
        return lines.stream()
                .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    /** Names of our own metrics, counted or not. */
    Set<String> names() {
        Set<String> names = new TreeSet<>();
        for (String line : lines) {
            Matcher family = FAMILY.matcher(line);
            // When a counter began is the library's addition.
            if (family.find() && !family.group(1).endsWith("_created")) {
                names.add(family.group(1));
            }
        }
        return names;
    }

    /** Names that the operators' page promises of a role. */
    static Set<String> documented(String role) throws IOException {
        Set<String> names = new TreeSet<>();
        for (String line : Files.readAllLines(PAGE)) {
            Matcher row = ROW.matcher(line);
            if (row.find()
                    && (row.group(2).equals("all")
                            || List.of(row.group(2).split(", ")).contains(role))) {
                names.add(row.group(1));
            }
        }
        return names;
    }
}
