package io.dromaius.shard;

import io.dromaius.node.DataSize;
import io.dromaius.node.NodeConfig;
import io.dromaius.node.Setting;
import java.time.Duration;
import java.util.Optional;

/** Settings of a shard worker. */
public record ShardWorkerConfig(
        NodeConfig node,
        @Setting(
                        help =
                                "memory for weights, KV pages and what is packed of them; half of the machine's, or 90 % of what is free on the GPU, unless given")
                Optional<DataSize> memory,
        @Setting(byDefault = "250ms", help = "how often a stream of steps is answered, whatever is computed")
                Duration signOfLife,
        @Setting(byDefault = "2s", help = "how long the next shard may say nothing before it counts as dead")
                Duration silence) {
    public ShardWorkerConfig {
        if (signOfLife.isZero() || signOfLife.isNegative() || signOfLife.compareTo(silence) >= 0) {
            throw new IllegalArgumentException("signOfLife must be above zero and below silence");
        }
    }

    ShardWorker.Pace pace() {
        return new ShardWorker.Pace(signOfLife, silence);
    }
}
