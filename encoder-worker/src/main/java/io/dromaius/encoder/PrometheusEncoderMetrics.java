package io.dromaius.encoder;

import io.dromaius.node.metrics.Metrics;
import io.dromaius.proto.internal.v1.EncodeRequest;
import java.util.Locale;

/** What the worker counts, as Prometheus reads it. */
final class PrometheusEncoderMetrics implements EncoderMetrics {

    private static final double NANOS = 1e-9;
    private static final double[] BATCHES = {1, 2, 4, 8, 16, 32, 64};

    private final Metrics.Histogram readSeconds;
    private final Metrics.Counter refused;
    private final Metrics.Counter pictures;
    private final Metrics.Histogram batchPictures;
    private final Metrics.Histogram batchSeconds;

    PrometheusEncoderMetrics(Metrics metrics) {
        readSeconds = metrics.seconds(
                "dromaius_encoder_read_seconds", "Time to decode and prepare a picture or video.", "kind");
        refused = metrics.counter(
                "dromaius_encoder_refused_total", "Bytes that were no picture or video, or over a limit.", "kind");
        pictures = metrics.counter("dromaius_encoder_pictures_total", "Pictures run through the model.");
        batchPictures = metrics.histogram("dromaius_encoder_batch_pictures", "Pictures of a batch.", BATCHES);
        batchSeconds = metrics.seconds("dromaius_encoder_batch_seconds", "Time the model takes for a batch.");
    }

    @Override
    public void mediaRead(EncodeRequest.Kind kind, long nanos) {
        readSeconds.observe(nanos * NANOS, label(kind));
    }

    @Override
    public void mediaRefused(EncodeRequest.Kind kind) {
        refused.add(1, label(kind));
    }

    @Override
    public void batchRan(int count, long nanos) {
        pictures.add(count);
        batchPictures.observe(count);
        batchSeconds.observe(nanos * NANOS);
    }

    private static String label(EncodeRequest.Kind kind) {
        return kind.name().substring("KIND_".length()).toLowerCase(Locale.ROOT);
    }
}
