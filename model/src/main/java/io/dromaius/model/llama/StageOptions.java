package io.dromaius.model.llama;

import io.dromaius.model.torch.Device;
import io.dromaius.model.torch.Dtype;

/**
 * How a stage computes.
 *
 * @param dtype of weights and hidden states
 * @param blocks KV blocks
 * @param blockSize positions in a block
 * @param packing of shared prefixes; on the CPU alone
 * @param batchInvariant whether a sequence comes out the same to the last bit in any company, at the price of some speed; on
 *     the CPU alone, and without packing
 */
public record StageOptions(
        Dtype dtype, Device device, int blocks, int blockSize, PrefixPacking packing, boolean batchInvariant) {
    public StageOptions {
        if (blocks < 1 || blockSize < 1) {
            throw new IllegalArgumentException(blocks + " blocks of " + blockSize);
        }
        if (packing.bytes() > 0 && !device.isCpu()) {
            throw new IllegalArgumentException("packed prefixes on " + device);
        }
        if (batchInvariant && (packing.bytes() > 0 || !device.isCpu())) {
            throw new IllegalArgumentException("batch invariant with packed prefixes or on " + device);
        }
    }

    /** Without packed prefixes, not batch invariant. */
    public StageOptions(Dtype dtype, Device device, int blocks, int blockSize) {
        this(dtype, device, blocks, blockSize, PrefixPacking.NEVER, false);
    }

    /** On the CPU fp32: half the bytes in bf16 would take longer to widen than to read. */
    public Dtype kvDtype() {
        return device.isCpu() ? Dtype.FP32 : dtype;
    }
}
