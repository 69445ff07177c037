package io.dromaius.cli.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;

/**
 * Figures of one run and what they were taken with.
 *
 * @param settings the command's own, so that the run can be made again
 * @param cpuPerToken microseconds of processor time a token, of each process of a cluster on this machine; empty for others
 * @param busy share of the time that each shard of such a cluster computed
 * @param memory of each shard of such a cluster, at the end
 */
public record BenchReport(
        Map<String, String> settings,
        Figures figures,
        @JsonProperty("cpu_us_per_token") Map<String, Double> cpuPerToken,
        Map<String, Double> busy,
        Map<String, ShardMemory> memory) {
    private static final ObjectMapper JSON = new ObjectMapper();

    public BenchReport {
        settings = new TreeMap<>(settings);
        cpuPerToken = new TreeMap<>(cpuPerToken);
        busy = new TreeMap<>(busy);
        memory = new TreeMap<>(memory);
    }

    /** The report of a window that these samples enclose. */
    static BenchReport between(
            Map<String, ProcessSample> before,
            Map<String, ProcessSample> after,
            Map<String, String> settings,
            Figures figures) {
        Map<String, Double> cpuPerToken = new TreeMap<>();
        Map<String, Double> busy = new TreeMap<>();
        Map<String, ShardMemory> memory = new TreeMap<>();
        double tokens = figures.tokensPerSecond() * figures.seconds();
        after.forEach((name, sample) -> {
            ProcessSample earlier = before.getOrDefault(name, sample);
            if (tokens > 0) {
                cpuPerToken.put(name, sample.cpu().minus(earlier.cpu()).toNanos() / 1e3 / tokens);
            }
            sample.busy()
                    .ifPresent(
                            seconds -> busy.put(name, (seconds - earlier.busy().orElse(seconds)) / figures.seconds()));
            sample.memory().ifPresent(used -> memory.put(name, used));
        });
        return new BenchReport(settings, figures, cpuPerToken, busy, memory);
    }

    /** Summed shares of the time that the shards computed. */
    public double summedBusy() {
        return busy.values().stream().mapToDouble(Double::doubleValue).sum();
    }

    /** Milliseconds. */
    public record Latency(
            long count,
            @JsonProperty("mean_ms") double mean,
            @JsonProperty("p50_ms") double p50,
            @JsonProperty("p90_ms") double p90,
            @JsonProperty("p99_ms") double p99,
            @JsonProperty("max_ms") double max) {
        static Latency of(Histogram micros) {
            return new Latency(
                    micros.getTotalCount(),
                    micros.getMean() / 1e3,
                    micros.getValueAtPercentile(50) / 1e3,
                    micros.getValueAtPercentile(90) / 1e3,
                    micros.getValueAtPercentile(99) / 1e3,
                    micros.getMaxValue() / 1e3);
        }
    }

    /**
     * What a window of {@code seconds} saw.
     *
     * @param requests that finished
     * @param failures by status
     */
    public record Figures(
            double seconds,
            long requests,
            Map<String, Long> failures,
            @JsonProperty("tokens_per_second") double tokensPerSecond,
            @JsonProperty("images_per_second") double imagesPerSecond,
            @JsonProperty("ttft") Latency firstToken,
            @JsonProperty("inter_token") Latency interToken,
            Latency request) {

        /** A table for people. */
        List<String> lines() {
            return List.of(
                    String.format(
                            Locale.ROOT,
                            "%d requests in %.1f s, %.1f tokens/s, %.3f images/s%s",
                            requests,
                            seconds,
                            tokensPerSecond,
                            imagesPerSecond,
                            failures.isEmpty() ? "" : ", failed: " + failures),
                    String.format(
                            Locale.ROOT,
                            "%-14s %9s %9s %9s %9s %9s",
                            "milliseconds",
                            "mean",
                            "p50",
                            "p90",
                            "p99",
                            "max"),
                    line("TTFT", firstToken),
                    line("inter-token", interToken),
                    line("request", request));
        }

        private static String line(String name, Latency latency) {
            return String.format(
                    Locale.ROOT,
                    "%-14s %9.2f %9.2f %9.2f %9.2f %9.2f",
                    name,
                    latency.mean,
                    latency.p50,
                    latency.p90,
                    latency.p99,
                    latency.max);
        }
    }

    public String json() {
        try {
            return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a report of plain values can always be written", e);
        }
    }

    /** A table for people. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>(figures.lines());
        cpuPerToken.forEach((process, micros) ->
                lines.add(String.format(Locale.ROOT, "%-14s %9.1f us of processor time a token", process, micros)));
        busy.forEach((process, share) ->
                lines.add(String.format(Locale.ROOT, "%-14s %9.3f of the time busy", process, share)));
        memory.forEach((process, used) -> lines.add(String.format(Locale.ROOT, "%-14s %s", process, used)));
        return lines;
    }
}
