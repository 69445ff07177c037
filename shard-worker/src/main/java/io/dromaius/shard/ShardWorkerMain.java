package io.dromaius.shard;

import com.google.common.base.Ticker;
import com.sun.management.OperatingSystemMXBean;
import io.dromaius.model.spec.CheckpointException;
import io.dromaius.model.torch.Device;
import io.dromaius.model.torch.Torch;
import io.dromaius.model.weights.Checkpoint;
import io.dromaius.node.ConfigException;
import io.dromaius.node.DataSize;
import io.dromaius.node.Node;
import io.dromaius.node.NodeConfig;
import io.dromaius.node.NodeMain;
import java.lang.management.ManagementFactory;

/** The process of one shard. It registers and waits to be told which layers to hold. */
public final class ShardWorkerMain {
    /** The rest is for what steps need while they run. */
    private static final double SHARE_OF_GPU = 0.9;

    private ShardWorkerMain() {}

    public static void main(String[] args) {
        System.exit(NodeMain.run(
                "emu-shard-worker", ShardWorkerConfig.class, ShardWorkerConfig::node, args, ShardWorkerMain::assemble));
    }

    /** Adds the parts of a shard: the server listens, then the shard is found by others. */
    public static void assemble(ShardWorkerConfig config, Node node) {
        NodeConfig shared = config.node();
        Checkpoint checkpoint = open(shared);
        Device device = Device.parse(shared.device());
        Torch.unusable(device).ifPresent(why -> {
            throw new ConfigException(why);
        });
        long memoryBytes = config.memory().map(DataSize::bytes).orElseGet(() -> memoryOf(device));
        Torch.setThreads(shared.computeThreads());
        StageLoader loader = new TorchStageLoader(checkpoint, device, memoryBytes, Ticker.systemTicker());
        ShardProcess.assemble(config, checkpoint.fingerprint(), memoryBytes, loader, node);
    }

    private static Checkpoint open(NodeConfig config) {
        try {
            return Checkpoint.open(config.requiredCheckpoint());
        } catch (CheckpointException e) {
            throw new ConfigException("checkpoint: " + e.getMessage(), e);
        }
    }

    /** Half of the machine's, or of the container's where there is one; most of what is free of a GPU's. */
    private static long memoryOf(Device device) {
        if (!device.isCpu()) {
            long free = Torch.freeMemory(device)
                    .orElseThrow(() -> new ConfigException(
                            "the memory of " + device + " cannot be read and has to be given: --memory"));
            return (long) (free * SHARE_OF_GPU);
        }
        OperatingSystemMXBean machine = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        return machine.getTotalMemorySize() / 2;
    }
}
