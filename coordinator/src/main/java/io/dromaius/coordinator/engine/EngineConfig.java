package io.dromaius.coordinator.engine;

import static com.google.common.base.Preconditions.checkArgument;

import io.dromaius.model.llama.LlamaStage;
import java.time.Duration;

/**
 * Limits of one engine.
 *
 * @param blocks KV blocks in the pool: the fewest of any shard
 * @param blockSize positions in a block
 * @param window steps in flight at most
 * @param maxRows rows in a step at most (a request's beams may exceed it, since they stay together, and the rest of a tile)
 * @param tile a step ends what it feeds of a prompt at a multiple of so many positions, so that stages compute the same
 *     rows together in any company
 * @param maxSequences sequences running at once at most (a single request may exceed it)
 * @param stepTimeout a step without result for so long, counted from when it came to the head of the pipeline, means
 *     the pipeline is lost
 * @param rowTimeout added to {@code stepTimeout} for each row of the step
 */
public record EngineConfig(
        int blocks,
        int blockSize,
        int window,
        int maxRows,
        int tile,
        int maxSequences,
        Duration stepTimeout,
        Duration rowTimeout) {
    public EngineConfig {
        checkArgument(blocks > 0 && blockSize > 0, "%s blocks of %s", blocks, blockSize);
        checkArgument(window > 0 && maxRows > 0 && tile > 0 && maxSequences > 0, "window or limits below 1");
        checkArgument(!stepTimeout.isNegative() && !stepTimeout.isZero(), "step timeout %s", stepTimeout);
        checkArgument(!rowTimeout.isNegative(), "row timeout %s", rowTimeout);
    }

    /** The usual limits for a pipeline of {@code stages}. */
    public static EngineConfig of(int stages, int blocks, int blockSize) {
        return new EngineConfig(
                blocks, blockSize, stages + 1, 256, LlamaStage.TILE, 256, Duration.ofSeconds(2), Duration.ofMillis(10));
    }
}
