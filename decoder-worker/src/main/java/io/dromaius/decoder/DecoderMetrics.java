package io.dromaius.decoder;

import io.dromaius.node.metrics.Metrics;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** The decoder's measurements. */
final class DecoderMetrics implements DrawMetrics {
    private static final double[] BATCHES = {1, 2, 3, 4, 6, 8, 12, 16, 32};

    private final Metrics.Counter pictures;
    private final Metrics.Counter calls;
    private final Metrics.Histogram batch;
    private final Metrics.Histogram step;

    DecoderMetrics(Metrics metrics) {
        this.pictures = metrics.counter("dromaius_decoder_pictures_total", "pictures by how they ended", "outcome");
        this.calls = metrics.counter("dromaius_decoder_unet_calls_total", "calls of the UNet");
        this.batch = metrics.histogram("dromaius_decoder_batch_pictures", "pictures in a UNet call", BATCHES);
        this.step = metrics.seconds("dromaius_decoder_step_seconds", "time of a UNet call");
    }

    @Override
    public void stepped(int pictures, long nanos) {
        calls.add(1);
        batch.observe(pictures);
        step.observe(nanos / (double) TimeUnit.SECONDS.toNanos(1));
    }

    @Override
    public void ended(Outcome outcome) {
        pictures.add(1, outcome.name().toLowerCase(Locale.ROOT));
    }
}
