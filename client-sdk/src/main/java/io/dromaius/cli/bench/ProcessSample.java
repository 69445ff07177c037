package io.dromaius.cli.bench;

import io.dromaius.cli.CommandFailure;
import io.dromaius.cli.cluster.ProcessRecord;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a process of a cluster on this machine has used so far.
 *
 * @param cpu processor time
 * @param busy of a shard, seconds that it has computed
 * @param memory of a shard
 */
record ProcessSample(Duration cpu, Optional<Double> busy, Optional<ShardMemory> memory) {
    private static final String BUSY = "dromaius_shard_busy_seconds_total";
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /** Samples of those that still run, by name. */
    static Map<String, ProcessSample> of(Iterable<ProcessRecord> processes) throws InterruptedException {
        Map<String, ProcessSample> samples = new TreeMap<>();
        for (ProcessRecord process : processes) {
            Optional<Duration> cpu = process.cpu();
            if (cpu.isPresent()) {
                Map<String, Double> metrics = process.role().equals("shard") ? metrics(process) : Map.of();
                samples.put(
                        process.name(),
                        new ProcessSample(cpu.get(), Optional.ofNullable(metrics.get(BUSY)), ShardMemory.of(metrics)));
            }
        }
        return samples;
    }

    /** Its metrics that have no labels. */
    private static Map<String, Double> metrics(ProcessRecord process) throws InterruptedException {
        URI address = URI.create("http://127.0.0.1:" + process.metricsPort() + "/metrics");
        HttpRequest request = HttpRequest.newBuilder(address).timeout(PATIENCE).build();
        try {
            return parse(HttpClient.newHttpClient()
                    .send(request, HttpResponse.BodyHandlers.ofString())
                    .body());
        } catch (IOException e) {
            throw new CommandFailure(
                    process.name() + " does not tell its metrics: " + e.getMessage(), "its log is " + process.log(), e);
        }
    }

    /** Values without labels of Prometheus' text format. */
    static Map<String, Double> parse(String exposition) {
        Map<String, Double> values = new HashMap<>();
        exposition.lines().filter(line -> !line.startsWith("#")).forEach(line -> {
            int space = line.indexOf(' ');
            if (space > 0 && line.indexOf('{') < 0) {
                values.put(line.substring(0, space), Double.valueOf(line.substring(space + 1)));
            }
        });
        return values;
    }
}
