package io.dromaius.model.llama;

/** Copies a KV block in every layer. */
public record BlockCopy(int source, int target) {
    public BlockCopy {
        if (source < 0 || target < 0 || source == target) {
            throw new IllegalArgumentException("copy of block " + source + " to " + target);
        }
    }
}
