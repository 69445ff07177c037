package io.dromaius.coordinator.engine;

/**
 * The engine at one moment.
 *
 * @param queuedTokens prompt positions of the requests that wait
 * @param stepsInFlight steps sent and not answered
 * @param shardBlocksInUse what the last shard reported with the newest result
 * @param generatedTokens tokens of every candidate, and visual embeddings, heard by their callers or not
 */
public record EngineStats(
        int queuedRequests,
        long queuedTokens,
        int runningRequests,
        int runningSequences,
        int blocks,
        int blocksInUse,
        int shardBlocksInUse,
        int stepsInFlight,
        long steps,
        long rows,
        long generatedTokens,
        long preemptions) {}
