package io.dromaius.model.weights;

import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.Tensor;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Low-rank adapters of PEFT merged into the weights they adapt: W + (alpha / r) B A, r being the rows of A (arXiv
 * 2106.09685). The adapters' own names disappear.
 */
final class LoraWeights implements WeightSource {
    private static final String WEIGHT = ".weight";
    private static final String A = ".lora_A.default.weight";
    private static final String B = ".lora_B.default.weight";

    private final WeightSource base;
    private final double alpha;
    private long mergedBytes;
    /** What the base counted for the parts of a merge, which do not outlive it. */
    private long droppedMapped;

    private long droppedCopied;

    private LoraWeights(WeightSource base, double alpha) {
        this.base = base;
        this.alpha = alpha;
    }

    /** The source itself, if it has no adapters. */
    static WeightSource merge(WeightSource base, double alpha) {
        return base.names().stream().anyMatch(name -> name.endsWith(A)) ? new LoraWeights(base, alpha) : base;
    }

    @Override
    public Set<String> names() {
        return base.names().stream()
                .filter(name -> !name.endsWith(A) && !name.endsWith(B))
                .collect(Collectors.toUnmodifiableSet());
    }

    @Override
    public List<Long> shape(String name) {
        return base.shape(name);
    }

    @Override
    public Tensor tensor(String name, Dtype dtype) {
        String adapted = name.endsWith(WEIGHT) ? name.substring(0, name.length() - WEIGHT.length()) : name;
        if (!base.names().contains(adapted + A)) {
            return base.tensor(name, dtype);
        }
        long mappedBefore = base.mappedBytes();
        long copiedBefore = base.copiedBytes();
        try (Tensor a = base.tensor(adapted + A, Dtype.FP32);
                Tensor b = base.tensor(adapted + B, Dtype.FP32);
                Tensor w = base.tensor(name, Dtype.FP32)) {
            Tensor merged = WeightMath.mergeLora(w, a, b, alpha / a.size(0), dtype);
            mergedBytes += merged.elements() * dtype.bytes();
            return merged;
        } finally {
            droppedMapped += base.mappedBytes() - mappedBefore;
            droppedCopied += base.copiedBytes() - copiedBefore;
        }
    }

    @Override
    public long mappedBytes() {
        return base.mappedBytes() - droppedMapped;
    }

    @Override
    public long copiedBytes() {
        return base.copiedBytes() - droppedCopied + mergedBytes;
    }
}
