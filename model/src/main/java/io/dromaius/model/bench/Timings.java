package io.dromaius.model.bench;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What pieces of work took in each round.
 *
 * @param millis by name, all lists equally long: entry i of each was taken in round i
 */
record Timings(Map<String, List<Double>> millis) {
    /** Median and best milliseconds of each piece. */
    Map<String, Double> report() {
        Map<String, Double> report = new LinkedHashMap<>();
        millis.forEach((name, samples) -> {
            report.put(name + " ms", median(name));
            report.put(name + " ms, best", best(name));
        });
        return report;
    }

    double median(String name) {
        return median(samples(name));
    }

    double best(String name) {
        return Arrays.stream(samples(name)).min().orElseThrow();
    }

    /**
     * Adds what one piece took over what another took: the median over rounds, so that a change in the machine's mood
     * meets both, and the quotient of the best, which other programs disturb least.
     */
    void putRatio(Map<String, Double> report, String ratio, String over, String under) {
        double[] a = samples(over);
        double[] b = samples(under);
        report.put(
                ratio,
                median(IntStream.range(0, a.length)
                        .mapToDouble(i -> a[i] / b[i])
                        .toArray()));
        report.put(ratio + ", best", best(over) / best(under));
    }

    private double[] samples(String name) {
        List<Double> samples = millis.getOrDefault(name, List.of());
        if (samples.isEmpty()) {
            throw new IllegalArgumentException("nothing was timed as " + name);
        }
        return samples.stream().mapToDouble(Double::doubleValue).toArray();
    }

    private static double median(double[] samples) {
        double[] sorted = samples.clone();
        Arrays.sort(sorted);
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }
}
