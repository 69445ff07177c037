package io.dromaius.cli.cluster;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a cluster on this machine is made of.
 *
 * @param shards shard workers of all pipelines together
 * @param pipelines whole copies of the model that the shards form
 * @param zookeeper a running ensemble, host:port,host:port; an own server is started when empty
 * @param window steps in flight; 0 leaves it to the coordinator
 * @param batchInvariant whether an answer comes out the same in any company, at the price of some speed
 * @param port of the public API; 0 takes a free one
 * @param threads computing threads of each worker; 0 shares the processors among the shards
 * @param shardMain class of the shard workers; {@link #SHARD_MAIN} unless something stands in for them
 * @param jvmFlags for every process
 */
public record ClusterOptions(
        String cluster,
        StateDirectory state,
        Path checkpoint,
        int shards,
        int pipelines,
        int encoders,
        int decoders,
        String dtype,
        String device,
        int threads,
        int window,
        boolean batchInvariant,
        int port,
        Optional<String> zookeeper,
        String shardMain,
        List<String> jvmFlags) {
    public static final String SHARD_MAIN = "io.dromaius.shard.ShardWorkerMain";

    /** Share of the machine's memory that all shards together may take. */
    private static final double SHARDS_OF_MEMORY = 0.7;

    public ClusterOptions {
        checkpoint = checkpoint.toAbsolutePath().normalize();
        jvmFlags = List.copyOf(jvmFlags);
        if (pipelines < 1 || shards % pipelines != 0) {
            throw new IllegalArgumentException(shards + " shards do not make " + pipelines + " equal pipelines");
        }
        if (shards < 1 || encoders < 0 || decoders < 0 || threads < 0 || window < 0) {
            throw new IllegalArgumentException("a cluster has at least one shard and no negative number of anything");
        }
    }

    /** One coordinator, {@code shards} shards, an encoder and a decoder, in float32 on the processors. */
    public static ClusterOptions small(String cluster, StateDirectory state, Path checkpoint, int shards) {
        return new ClusterOptions(
                cluster,
                state,
                checkpoint,
                shards,
                1,
                1,
                1,
                "fp32",
                "cpu",
                0,
                0,
                false,
                0,
                Optional.empty(),
                SHARD_MAIN,
                // These clusters live for seconds: the second compiler would cost more than it gains.
                List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    }

    /** The same with workers that compute with so many threads each, in this type. */
    public ClusterOptions computing(int newThreads, String newDtype) {
        return with(newThreads, newDtype, encoders, decoders, window, batchInvariant, shardMain, jvmFlags);
    }

    /** The same for text alone: without encoders and decoders. */
    public ClusterOptions withoutMedia() {
        return with(threads, dtype, 0, 0, window, batchInvariant, shardMain, jvmFlags);
    }

    /** The same with another number of steps in flight. */
    public ClusterOptions withWindow(int newWindow) {
        return with(threads, dtype, encoders, decoders, newWindow, batchInvariant, shardMain, jvmFlags);
    }

    /** The same, batch invariant. */
    public ClusterOptions withBatchInvariance() {
        return with(threads, dtype, encoders, decoders, window, true, shardMain, jvmFlags);
    }

    /** The same with something that stands in for shards, and other flags for Java. */
    public ClusterOptions withShards(String newShardMain, List<String> newJvmFlags) {
        return with(threads, dtype, encoders, decoders, window, batchInvariant, newShardMain, newJvmFlags);
    }

    private ClusterOptions with(
            int newThreads,
            String newDtype,
            int newEncoders,
            int newDecoders,
            int newWindow,
            boolean newBatchInvariant,
            String newShardMain,
            List<String> newJvmFlags) {
        return new ClusterOptions(
                cluster,
                state,
                checkpoint,
                shards,
                pipelines,
                newEncoders,
                newDecoders,
                newDtype,
                device,
                newThreads,
                newWindow,
                newBatchInvariant,
                port,
                zookeeper,
                newShardMain,
                newJvmFlags);
    }

    /** Memory of one shard: an equal part of what the machine can spare. */
    long shardMemoryMebibytes() {
        OperatingSystemMXBean machine = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        return (long) (machine.getTotalMemorySize() * SHARDS_OF_MEMORY / shards) >> 20;
    }

    /** Computing threads of one shard. */
    int shardThreads() {
        return threads > 0 ? threads : Math.max(1, Runtime.getRuntime().availableProcessors() / shards);
    }

    /** Computing threads of an encoder or decoder. */
    int mediaThreads() {
        return threads > 0 ? threads : Math.max(1, Runtime.getRuntime().availableProcessors());
    }
}
