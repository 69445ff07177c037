package io.dromaius.shard;

import io.dromaius.proto.internal.v1.StageTiming;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;
import io.prometheus.client.Histogram;

/** What a shard tells Prometheus. The rate of {@code emu_shard_busy_seconds_total} is the share of time spent computing. */
final class ShardMetrics {
    private static final double NANOS = 1e-9;
    private static final double[] SECONDS = {
        .0005, .001, .002, .005, .01, .02, .05, .1, .2, .5, 1, 2, 5, 10,
    };

    private final Histogram steps;
    private final Histogram waits;
    private final Counter busy;
    private final Counter rows;
    private final Gauge blocks;
    private final Counter bytesIn;
    private final Counter bytesOut;

    ShardMetrics(CollectorRegistry registry) {
        steps = Histogram.build("emu_shard_step_seconds", "Time to compute one step.")
                .buckets(SECONDS)
                .register(registry);
        waits = Histogram.build("emu_shard_wait_seconds", "Time a received step waits until it is computed.")
                .buckets(SECONDS)
                .register(registry);
        busy = Counter.build("emu_shard_busy_seconds", "Time spent computing steps.")
                .register(registry);
        rows = Counter.build("emu_shard_rows", "Positions computed.").register(registry);
        blocks = Gauge.build("emu_shard_blocks_in_use", "KV blocks that sequences hold.")
                .register(registry);
        bytesIn = Counter.build("emu_shard_received_bytes", "Payload of the steps received.")
                .register(registry);
        bytesOut = Counter.build("emu_shard_sent_bytes", "Payload of the steps and results handed on.")
                .register(registry);
    }

    void step(Step step, StageTiming timing, int blocksInUse, int received, int sent) {
        double seconds = timing.getComputeNanos() * NANOS;
        steps.observe(seconds);
        busy.inc(seconds);
        waits.observe(timing.getWaitNanos() * NANOS);
        rows.inc(step.rows());
        blocks.set(blocksInUse);
        bytesIn.inc(received);
        bytesOut.inc(sent);
    }
}
