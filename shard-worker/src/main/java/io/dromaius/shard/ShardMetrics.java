package io.dromaius.shard;

import io.dromaius.node.metrics.Metrics;
import io.dromaius.proto.internal.v1.StageTiming;

/** What a shard measures. The rate of {@code dromaius_shard_busy_seconds_total} is the share of time spent computing. */
final class ShardMetrics {
    private static final double NANOS = 1e-9;

    private final Metrics.Histogram steps;
    private final Metrics.Histogram waits;
    private final Metrics.Counter busy;
    private final Metrics.Counter rows;
    private final Metrics.Gauge blocks;
    private final Metrics.Gauge mapped;
    private final Metrics.Gauge copied;
    private final Metrics.Gauge kv;
    private final Metrics.Gauge packed;
    private final Metrics.Counter received;
    private final Metrics.Counter sent;

    ShardMetrics(Metrics metrics) {
        steps = metrics.seconds("dromaius_shard_step_seconds", "Time to compute one step.");
        waits = metrics.seconds("dromaius_shard_wait_seconds", "Time that a received step waits to be computed.");
        busy = metrics.counter("dromaius_shard_busy_seconds_total", "Time spent computing steps.");
        rows = metrics.counter("dromaius_shard_rows_total", "Positions computed.");
        blocks = metrics.gauge("dromaius_shard_blocks_in_use", "KV blocks that sequences hold.");
        mapped = metrics.gauge("dromaius_shard_mapped_bytes", "Weights used where they lie in the checkpoint's files.");
        copied = metrics.gauge("dromaius_shard_copied_bytes", "Weights that had to be copied.");
        kv = metrics.gauge("dromaius_shard_kv_bytes", "Pages of the KV blocks.");
        packed = metrics.gauge("dromaius_shard_packed_bytes", "Second copies of keys and values that sequences share.");
        received = metrics.counter("dromaius_shard_received_bytes_total", "Payload of the steps received.");
        sent = metrics.counter("dromaius_shard_sent_bytes_total", "Payload of the steps or results handed on.");
    }

    void loaded(Stage stage) {
        mapped.set((double) stage.mappedBytes());
        copied.set((double) stage.copiedBytes());
        kv.set((double) stage.kvBytes());
        packed(stage.packedBytes());
    }

    /** Of the stage resident. */
    void packed(long bytes) {
        packed.set((double) bytes);
    }

    /** The blocks of the session in force. */
    void blocksInUse(int count) {
        blocks.set(count);
    }

    void step(Step step, StageTiming timing, int receivedBytes, int sentBytes) {
        double seconds = timing.getComputeNanos() * NANOS;
        steps.observe(seconds);
        busy.add(seconds);
        waits.observe(timing.getWaitNanos() * NANOS);
        rows.add(step.rows());
        received.add(receivedBytes);
        sent.add(sentBytes);
    }
}
