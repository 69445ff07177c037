package io.dromaius.coordinator;

import io.dromaius.node.DataSize;
import io.dromaius.node.NodeConfig;
import io.dromaius.node.Setting;
import java.time.Duration;
import java.util.Optional;

/** Settings of a coordinator. */
public record CoordinatorConfig(
        NodeConfig node,
        @Setting(byDefault = "emu", help = "name under which clients ask for the model") String modelName,
        @Setting(byDefault = "0", help = "shards of each pipeline; 0 is the fewest whose memory holds the model")
                int shardsPerPipeline,
        @Setting(byDefault = "0", help = "most pipelines; 0 is as many as fit") int maxPipelines,
        @Setting(byDefault = "1s", help = "quiet time after members have changed before pipelines are placed")
                Duration placementSettle,
        @Setting(byDefault = "3s", help = "how long a member's record may be gone before the member counts as gone")
                Duration memberGrace,
        @Setting(byDefault = "16", help = "positions in a KV block") int blockSize,
        @Setting(byDefault = "1024", help = "KV blocks asked of each shard; it grants fewer if it must") int maxBlocks,
        @Setting(byDefault = "0", help = "steps in flight; 0 is one more than there are stages") int window,
        @Setting(
                        byDefault = "false",
                        help = "every row to the last bit in any company, on the CPU alone; some steps take longer")
                boolean batchInvariant,
        @Setting(byDefault = "10m", help = "time for all shards of a pipeline to load") Duration loadTimeout,
        @Setting(byDefault = "2m", help = "time for a new pipeline's canary") Duration canaryTimeout,
        @Setting(byDefault = "2s", help = "silence after which a first shard, or one that loads, is lost")
                Duration heartbeatTimeout,
        @Setting(byDefault = "30s", help = "a step that takes longer means that its pipeline is lost")
                Duration stepTimeout,
        @Setting(byDefault = "65536", help = "prompt tokens that may wait, of all requests together") long queueTokens,
        @Setting(help = "request messages received and held; a quarter of the heap, 96MiB at least, unless given")
                Optional<DataSize> messageBudget,
        @Setting(byDefault = "500ms", help = "wait for room for any message, before one has to do with what is left")
                Duration messageWait,
        @Setting(byDefault = "1m", help = "time for a request to come once there is room for it")
                Duration messageTimeout,
        @Setting(byDefault = "1000", help = "most calls at a time on one connection") int maxConnectionCalls,
        @Setting(byDefault = "2m", help = "deadline of calls that come without") Duration defaultDeadline,
        @Setting(byDefault = "30m", help = "longest deadline that a call may have") Duration longestDeadline,
        @Setting(byDefault = "256", help = "tokens generated for requests that do not say") int defaultMaxTokens,
        @Setting(byDefault = "32", help = "most beams or samples of one request") int maxSequences,
        @Setting(byDefault = "256", help = "most parts of one prompt") int maxParts,
        @Setting(byDefault = "4096", help = "most candidates of one rank request") int maxCandidates,
        @Setting(byDefault = "256MiB", help = "visual embeddings kept by content") DataSize embeddingCache,
        @Setting(byDefault = "1m", help = "time for an encoder worker to answer") Duration encodeTimeout,
        @Setting(byDefault = "20m", help = "time for a decoder worker to draw") Duration drawTimeout,
        @Setting(byDefault = "16MiB", help = "answer kept for a client that does not read") DataSize streamBuffer) {
    /** Below it the largest message has no room. */
    private static final DataSize LEAST_MESSAGE_BUDGET = DataSize.ofMebibytes(96);

    private static final int HEAP_SHARE = 4;

    public CoordinatorConfig {
        require(shardsPerPipeline >= 0, "shardsPerPipeline cannot be negative: " + shardsPerPipeline);
        require(maxPipelines >= 0, "maxPipelines cannot be negative: " + maxPipelines);
        require(blockSize > 0, "blockSize must be above zero: " + blockSize);
        require(maxBlocks > 0, "maxBlocks must be above zero: " + maxBlocks);
        require(window >= 0, "window cannot be negative: " + window);
        require(queueTokens > 0, "queueTokens must be above zero: " + queueTokens);
        require(
                messageBudget.isEmpty() || messageBudget.get().compareTo(LEAST_MESSAGE_BUDGET) >= 0,
                "messageBudget must be at least " + LEAST_MESSAGE_BUDGET);
        require(messageTimeout.toNanos() > 0, "messageTimeout must be above zero");
        require(maxConnectionCalls > 0, "maxConnectionCalls must be above zero: " + maxConnectionCalls);
        require(
                defaultDeadline.compareTo(longestDeadline) <= 0,
                "defaultDeadline must be at most longestDeadline, which is " + longestDeadline.toSeconds() + " s");
        require(defaultMaxTokens > 0, "defaultMaxTokens must be above zero: " + defaultMaxTokens);
        require(maxSequences > 0, "maxSequences must be above zero: " + maxSequences);
        require(maxParts > 0, "maxParts must be above zero: " + maxParts);
        require(maxCandidates > 0, "maxCandidates must be above zero: " + maxCandidates);
    }

    /** Bytes that request messages may have together. */
    DataSize messageMemory() {
        return messageBudget.orElseGet(() -> new DataSize(
                Math.max(LEAST_MESSAGE_BUDGET.bytes(), Runtime.getRuntime().maxMemory() / HEAP_SHARE)));
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
