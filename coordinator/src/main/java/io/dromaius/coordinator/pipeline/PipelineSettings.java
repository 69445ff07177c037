package io.dromaius.coordinator.pipeline;

import static com.google.common.base.Preconditions.checkArgument;

import io.dromaius.coordinator.engine.EngineConfig;
import java.time.Duration;

/**
 * How pipelines are run.
 *
 * @param blockSize positions in a KV block
 * @param maxBlocks KV blocks asked of each shard; it may grant fewer
 * @param window steps in flight; 0 means one more than there are stages
 * @param batchInvariant whether an answer comes out the same to the last bit in any company
 * @param loadTimeout for all shards to load their layers
 * @param canaryTimeout for the canary to come through
 * @param heartbeatTimeout a first shard that says nothing for so long is lost
 * @param stepTimeout a step that takes longer means that the pipeline is lost
 * @param rowTimeout added to {@code stepTimeout} for each row
 */
public record PipelineSettings(
        int blockSize,
        int maxBlocks,
        int window,
        boolean batchInvariant,
        Duration loadTimeout,
        Duration canaryTimeout,
        Duration heartbeatTimeout,
        Duration stepTimeout,
        Duration rowTimeout) {
    public PipelineSettings {
        checkArgument(blockSize > 0 && maxBlocks > 0, "%s blocks of %s", maxBlocks, blockSize);
        checkArgument(window >= 0, "window %s", window);
        positive(loadTimeout, "loadTimeout");
        positive(canaryTimeout, "canaryTimeout");
        positive(heartbeatTimeout, "heartbeatTimeout");
        positive(stepTimeout, "stepTimeout");
        checkArgument(!rowTimeout.isNegative(), "rowTimeout %s", rowTimeout);
    }

    /** Limits of the engine of a pipeline of {@code stages}, each of which granted {@code blocks} or more. */
    EngineConfig engine(int stages, int blocks) {
        EngineConfig usual = EngineConfig.of(stages, blocks, blockSize);
        return new EngineConfig(
                blocks,
                blockSize,
                window == 0 ? usual.window() : window,
                usual.maxRows(),
                usual.tile(),
                usual.maxSequences(),
                stepTimeout,
                rowTimeout);
    }

    private static void positive(Duration duration, String name) {
        checkArgument(!duration.isNegative() && !duration.isZero(), "%s %s", name, duration);
    }
}
