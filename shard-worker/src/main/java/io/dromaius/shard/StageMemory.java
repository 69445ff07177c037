package io.dromaius.shard;

import io.dromaius.model.llama.StageOptions;
import io.dromaius.model.spec.LlamaSpec;
import io.dromaius.model.torch.Device;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.weights.LlamaWeights;
import io.dromaius.model.weights.WeightSource;
import io.dromaius.node.rpc.FailureCode;
import io.dromaius.node.rpc.Failures;

/**
 * What a stage takes of its device's memory.
 *
 * @param weightBytes weights in the stage's dtype
 * @param blockBytes one KV block in all layers of the stage
 */
record StageMemory(long weightBytes, long blockBytes) {
    static StageMemory of(LlamaSpec llama, WeightSource weights, StageLayout layout, Device device) {
        Dtype dtype = TorchStage.dtype(layout.dtype());
        long elements = 0;
        for (String name : LlamaWeights.stage(layout.layers(), llama)) {
            long size = 1;
            for (long dimension : weights.shape(name)) {
                size *= dimension;
            }
            elements += size;
        }
        Dtype kv = new StageOptions(dtype, device, 1, layout.blockSize()).kvDtype();
        long keyAndValue = 2L * llama.hidden() * kv.bytes();
        return new StageMemory(
                elements * dtype.bytes(),
                keyAndValue * layout.blockSize() * layout.layers().count());
    }

    /**
     * How many blocks fit beside the weights, at most as many as wanted.
     *
     * @throws io.grpc.StatusRuntimeException OUT_OF_MEMORY if none does
     */
    int blocks(long memoryBytes, int wanted) {
        long fit = (memoryBytes - weightBytes) / blockBytes;
        if (fit < 1) {
            throw Failures.of(
                            FailureCode.OUT_OF_MEMORY,
                            "weights of %d bytes and a KV block of %d do not fit into %d bytes"
                                    .formatted(weightBytes, blockBytes, memoryBytes))
                    .build();
        }
        return (int) Math.min(fit, wanted);
    }

    /** What so many blocks leave: a stage may use it for second copies of what sequences share. */
    long spare(long memoryBytes, int blocks) {
        return memoryBytes - weightBytes - blocks * blockBytes;
    }
}
