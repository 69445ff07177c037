package io.dromaius.model.llama;

/**
 * When a stage keeps keys and values that neighbouring sequences share a second time, in the order of {@code prefix.py}.
 *
 * @param bytes that packed prefixes may take together; 0 for never
 * @param leastLayerBytes of a prefix in one layer
 * @param leastRows sequences that share it
 * @param patience steps that have read it before it is packed, a layer a step; above 0, for a prefix is packed before the step
 *     that reads it makes its copies of blocks
 */
public record PrefixPacking(long bytes, long leastLayerBytes, int leastRows, int patience) {
    public static final PrefixPacking NEVER = upTo(0);

    public PrefixPacking {
        if (bytes < 0 || leastLayerBytes < 0 || leastRows < 2 || patience < 1) {
            throw new IllegalArgumentException("%d bytes, %d in a layer, %d rows, patience of %d"
                    .formatted(bytes, leastLayerBytes, leastRows, patience));
        }
    }

    /**
     * As docs/benchmarks.md found it to pay: from three rows on, and as soon as the steps have lost what packing costs. What
     * stays in the processor's cache, the least size, has nothing to gain.
     */
    public static PrefixPacking upTo(long bytes) {
        return new PrefixPacking(bytes, 16L << 20, 3, 32);
    }
}
