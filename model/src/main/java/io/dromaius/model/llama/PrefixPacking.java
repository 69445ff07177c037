package io.dromaius.model.llama;

/**
 * When a stage keeps keys and values that neighbouring sequences share a second time, in the order of {@code prefix.py}.
 * Packing costs about as much time as it saves in forty steps, and much less than the prefill of the same positions did.
 *
 * @param bytes that packed prefixes may take together; 0 for never
 * @param layerBytes least size of a prefix in one layer; what stays in the processor's cache gains nothing
 * @param rows least number of sequences that share it
 * @param patience steps that have read it before it is packed, a layer a step
 */
public record PrefixPacking(long bytes, long layerBytes, int rows, int patience) {
    public static final PrefixPacking NEVER = upTo(0);

    public PrefixPacking {
        if (bytes < 0 || layerBytes < 0 || rows < 2 || patience < 0) {
            throw new IllegalArgumentException(
                    "%d bytes, %d in a layer, %d rows, patience of %d".formatted(bytes, layerBytes, rows, patience));
        }
    }

    /** As docs/benchmarks.md found it to pay. */
    public static PrefixPacking upTo(long bytes) {
        return new PrefixPacking(bytes, 16L << 20, 3, 32);
    }
}
