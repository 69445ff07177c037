package io.dromaius.coordinator;

import io.dromaius.node.NodeMain;

/** Runs a coordinator until it is told to stop. */
public final class CoordinatorMain {
    private CoordinatorMain() {}

    public static void main(String[] args) {
        System.exit(NodeMain.run(
                "emu-coordinator",
                CoordinatorConfig.class,
                CoordinatorConfig::node,
                args,
                (config, node) -> Coordinator.assemble(config, node)));
    }
}
