package io.dromaius.shard;

import io.dromaius.model.llama.HeadResults;
import io.dromaius.model.llama.LlamaStage;
import io.dromaius.model.llama.PrefixPacking;
import io.dromaius.model.llama.StageInput;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.Tensor;
import io.dromaius.proto.internal.v1.DType;
import io.dromaius.proto.internal.v1.InputRun;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/** A stage of LLaMA layers that libtorch runs. Payloads are used where they lie. */
final class TorchStage implements Stage {
    private static final ByteBuffer NOTHING = ByteBuffer.allocateDirect(0);

    private final StageSpec spec;
    private final Dtype dtype;
    private final LlamaStage llama;
    private final double layerMillis;

    /**
     * @param llama as the spec says; this stage's from now on
     * @param layerMillis time of one layer at one row, measured
     */
    TorchStage(StageSpec spec, LlamaStage llama, double layerMillis) {
        this.spec = spec;
        this.dtype = dtype(spec.dtype());
        this.llama = llama;
        this.layerMillis = layerMillis;
    }

    /** The same weights with other KV blocks; takes the place of this stage, which must not be used any more. */
    TorchStage renewed(int blocks, int blockSize, PrefixPacking packing) {
        llama.renewPages(blocks, blockSize, packing);
        return new TorchStage(spec.withBlocks(blocks, blockSize), llama, layerMillis);
    }

    static Dtype dtype(DType wire) {
        return switch (wire) {
            case D_TYPE_FP32 -> Dtype.FP32;
            case D_TYPE_BF16 -> Dtype.BF16;
            case D_TYPE_FP16, D_TYPE_UNSPECIFIED, UNRECOGNIZED ->
                throw new IllegalArgumentException("a stage does not compute in " + wire);
        };
    }

    @Override
    public StageSpec spec() {
        return spec;
    }

    @Override
    public StageOutput execute(Step step, ByteBuffer payload) {
        if (step.rows() == 0) {
            return output(0, NOTHING, () -> {});
        }
        try (Tensor input = spec.first() ? embed(step, payload) : wrap(step.rows(), payload)) {
            Tensor hidden = llama.forward(step.work(), input);
            if (!spec.last()) {
                return output(step.rows(), hidden.bytes(), hidden::close);
            }
            try (hidden) {
                return heads(step, hidden);
            }
        }
    }

    private Tensor embed(Step step, ByteBuffer payload) {
        List<StageInput> inputs = step.inputs().stream().map(TorchStage::input).toList();
        if (step.vectors() == 0) {
            return llama.embed(inputs, Optional.empty());
        }
        try (Tensor vectors = wrap(step.vectors(), payload)) {
            return llama.embed(inputs, Optional.of(vectors));
        }
    }

    private static StageInput input(InputRun run) {
        return run.getVectors() > 0
                ? new StageInput.Vectors(run.getVectors())
                : new StageInput.Ids(
                        run.getIdsList().stream().mapToInt(Integer::intValue).toArray());
    }

    private StageOutput heads(Step step, Tensor hidden) {
        HeadReader reader = new HeadReader(step.heads(), spec.vocabulary());
        HeadResults found = llama.heads(hidden, reader.wanted());
        try {
            return new StageOutput(
                    spec.dtype(),
                    List.of(
                            found.vectors()
                                    .map(vectors -> (int) vectors.size(0))
                                    .orElse(0),
                            spec.hidden()),
                    found.vectors().map(Tensor::bytes).orElse(NOTHING),
                    reader.results(found),
                    found::close);
        } catch (RuntimeException e) {
            found.close();
            throw e;
        }
    }

    private Tensor wrap(int rows, ByteBuffer payload) {
        return Tensor.wrap(dtype, new long[] {rows, spec.hidden()}, payload);
    }

    private StageOutput output(int rows, ByteBuffer payload, Runnable release) {
        return new StageOutput(spec.dtype(), List.of(rows, spec.hidden()), payload, List.of(), release);
    }

    @Override
    public double layerMillis() {
        return layerMillis;
    }

    @Override
    public long mappedBytes() {
        return llama.mappedBytes();
    }

    @Override
    public long copiedBytes() {
        return llama.copiedBytes();
    }

    @Override
    public long kvBytes() {
        return llama.kvBytes();
    }

    @Override
    public long packedBytes() {
        return llama.packedBytes();
    }

    @Override
    public void close() {
        llama.close();
    }
}
