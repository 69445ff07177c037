package io.dromaius.shard;

import io.dromaius.model.spec.LayerRange;
import io.dromaius.node.rpc.Failures;
import io.dromaius.proto.internal.v1.DType;
import io.dromaius.proto.internal.v1.LoadShardRequest;
import java.util.Optional;

/**
 * What the owner wants this shard to be.
 *
 * @param next empty on the last shard
 */
record StageOrder(PipelineEpoch epoch, StageLayout layout, Optional<Neighbour> next) {
    private static final int LARGEST_BLOCK = 1024;

    /**
     * Reads a request.
     *
     * @param modelLayers layers of the whole model
     * @throws io.grpc.StatusRuntimeException INVALID_ARGUMENT naming the field that is wrong
     */
    static StageOrder of(LoadShardRequest request, int modelLayers) {
        require(!request.getPipeline().isEmpty(), "pipeline", "is empty");
        require(!request.getOwner().isEmpty(), "owner", "is empty");
        require(request.getEpoch() > 0, "epoch", "must be above 0");
        int first = request.getFirstLayer();
        int end = request.getEndLayer();
        require(first >= 0 && first < end, "first_layer", "must be below end_layer");
        require(end <= modelLayers, "end_layer", "must be at most " + modelLayers);
        require(
                request.getNextEndpoint().isEmpty() == (end == modelLayers),
                "next_endpoint",
                "must be there on all shards but the last");
        require(
                request.getNextMember().isEmpty() == request.getNextEndpoint().isEmpty(),
                "next_member",
                "must go with next_endpoint");
        require(
                request.getDtype() == DType.D_TYPE_FP32 || request.getDtype() == DType.D_TYPE_BF16,
                "dtype",
                "must be fp32 or bf16");
        require(
                request.getBlockSize() > 0 && request.getBlockSize() <= LARGEST_BLOCK,
                "block_size",
                "must be within 1 and " + LARGEST_BLOCK);
        require(request.getMaxBlocks() > 0, "max_blocks", "must be above 0");
        return new StageOrder(
                new PipelineEpoch(request.getPipeline(), request.getEpoch(), request.getOwner()),
                new StageLayout(
                        new LayerRange(first, end),
                        request.getDtype(),
                        request.getBlockSize(),
                        request.getMaxBlocks(),
                        request.getBatchInvariant()),
                request.getNextEndpoint().isEmpty()
                        ? Optional.empty()
                        : Optional.of(new Neighbour(request.getNextMember(), request.getNextEndpoint())));
    }

    private static void require(boolean holds, String field, String otherwise) {
        if (!holds) {
            throw Failures.badField(field, otherwise);
        }
    }
}
