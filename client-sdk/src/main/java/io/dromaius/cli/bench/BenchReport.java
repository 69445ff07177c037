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
 */
public record BenchReport(
        Map<String, String> settings,
        Figures figures,
        @JsonProperty("cpu_us_per_token") Map<String, Double> cpuPerToken) {
    private static final ObjectMapper JSON = new ObjectMapper();

    public BenchReport {
        settings = new TreeMap<>(settings);
        cpuPerToken = new TreeMap<>(cpuPerToken);
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
        return lines;
    }
}
