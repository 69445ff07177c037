package io.dromaius.shard;

import com.google.common.base.Ticker;
import com.sun.management.OperatingSystemMXBean;
import io.dromaius.model.torch.Device;
import io.dromaius.model.torch.Torch;
import io.dromaius.model.weights.Checkpoint;
import io.dromaius.model.weights.WeightException;
import io.dromaius.node.ConfigException;
import io.dromaius.node.DataSize;
import io.dromaius.node.Node;
import io.dromaius.node.NodeConfig;
import io.dromaius.node.NodeMain;
import java.lang.management.ManagementFactory;

/** The process of one shard. It registers and waits to be told which layers to hold. */
public final class ShardWorkerMain {
    private ShardWorkerMain() {}

    public static void main(String[] args) {
        System.exit(NodeMain.run(
                "emu-shard-worker", ShardWorkerConfig.class, ShardWorkerConfig::node, args, ShardWorkerMain::assemble));
    }

    /** Adds the parts of a shard: the server listens, then the shard is found by others. */
    public static void assemble(ShardWorkerConfig config, Node node) {
        NodeConfig shared = config.node();
        Checkpoint checkpoint = open(shared);
        long memoryBytes = config.memory().map(DataSize::bytes).orElseGet(ShardWorkerMain::halfOfTheMachine);
        Torch.setThreads(shared.computeThreads());
        StageLoader loader =
                new TorchStageLoader(checkpoint, Device.parse(shared.device()), memoryBytes, Ticker.systemTicker());
        ShardProcess.assemble(config, checkpoint.fingerprint(), memoryBytes, loader, node);
    }

    private static Checkpoint open(NodeConfig config) {
        try {
            return Checkpoint.open(config.requiredCheckpoint());
        } catch (WeightException e) {
            throw new ConfigException("checkpoint: " + e.getMessage(), e);
        }
    }

    /** Of the container's, where there is one. */
    private static long halfOfTheMachine() {
        OperatingSystemMXBean machine = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        return machine.getTotalMemorySize() / 2;
    }
}
