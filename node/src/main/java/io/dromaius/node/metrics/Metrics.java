package io.dromaius.node.metrics;

import io.prometheus.client.Collector;
import io.prometheus.client.CollectorRegistry;
import java.util.List;
import java.util.function.DoubleSupplier;

/**
 * The measurements of one process, and the only class that knows the library behind them. Names are
 * {@code dromaius_<what>_<unit>}, counters end in {@code _total}; one name is made once. All are safe for any thread.
 */
public final class Metrics {
    /** Upper bounds, in seconds, that tell apart what matters between a millisecond and a minute. */
    private static final double[] SECONDS = {.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60};

    private final CollectorRegistry registry = new CollectorRegistry(true);

    /** Something that only grows. */
    public interface Counter {
        /** @param labelValues as many as the counter has labels, in their order */
        void add(double amount, String... labelValues);
    }

    /** Something that goes up and down. */
    public interface Gauge {
        void add(double amount, String... labelValues);

        void set(double value, String... labelValues);
    }

    /** How values are distributed. */
    public interface Histogram {
        void observe(double value, String... labelValues);
    }

    public Counter counter(String name, String help, String... labels) {
        io.prometheus.client.Counter counter = io.prometheus.client.Counter.build(name, help)
                .labelNames(labels)
                .register(registry);
        return (amount, labelValues) -> counter.labels(labelValues).inc(amount);
    }

    public Gauge gauge(String name, String help, String... labels) {
        io.prometheus.client.Gauge gauge =
                io.prometheus.client.Gauge.build(name, help).labelNames(labels).register(registry);
        return new Gauge() {
            @Override
            public void add(double amount, String... labelValues) {
                gauge.labels(labelValues).inc(amount);
            }

            @Override
            public void set(double value, String... labelValues) {
                gauge.labels(labelValues).set(value);
            }
        };
    }

    /** A gauge that is asked when it is read; the supplier must not block. */
    public void gauge(String name, String help, DoubleSupplier value) {
        new Collector() {
            @Override
            public List<MetricFamilySamples> collect() {
                return List.of(new io.prometheus.client.GaugeMetricFamily(name, help, value.getAsDouble()));
            }
        }.register(registry);
    }

    /** A histogram of durations, in seconds. */
    public Histogram seconds(String name, String help, String... labels) {
        return histogram(name, help, SECONDS, labels);
    }

    /** A histogram with these upper bounds. */
    public Histogram histogram(String name, String help, double[] buckets, String... labels) {
        io.prometheus.client.Histogram histogram = io.prometheus.client.Histogram.build(name, help)
                .buckets(buckets)
                .labelNames(labels)
                .register(registry);
        return (value, labelValues) -> histogram.labels(labelValues).observe(value);
    }

    CollectorRegistry registry() {
        return registry;
    }
}
