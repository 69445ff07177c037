package io.dromaius.shard.free;

import io.dromaius.model.weights.Checkpoint;
import io.dromaius.node.DataSize;
import io.dromaius.node.NodeMain;
import io.dromaius.shard.ShardProcess;
import io.dromaius.shard.ShardWorkerConfig;

/**
 * A shard worker that computes nothing, for measuring everything else. It takes the settings of a real one, and reads of
 * the checkpoint its sizes and its name only.
 */
public final class FreeShardMain {
    private static final long ENOUGH = 1L << 40;

    private FreeShardMain() {}

    public static void main(String[] args) {
        System.exit(NodeMain.run(
                "free-shard-worker", ShardWorkerConfig.class, ShardWorkerConfig::node, args, (config, node) -> {
                    Checkpoint checkpoint = Checkpoint.open(config.node().requiredCheckpoint());
                    ShardProcess.assemble(
                            config,
                            checkpoint.fingerprint(),
                            config.memory().map(DataSize::bytes).orElse(ENOUGH),
                            FreeStage.loader(checkpoint.spec().llama()),
                            node);
                }));
    }
}
