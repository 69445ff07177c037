package io.dromaius.node.zookeeper;

import io.dromaius.node.NodeMain;

/** Runs a ZooKeeper server until it is told to stop. */
public final class EmbeddedZooKeeperMain {
    private EmbeddedZooKeeperMain() {}

    public static void main(String[] args) {
        System.exit(NodeMain.run(
                "emu-zookeeper",
                ZooKeeperConfig.class,
                args,
                (config, node) -> node.add("zookeeper", new EmbeddedZooKeeper(config))));
    }
}
