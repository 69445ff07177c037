package io.dromaius.model.spec;

/** LLaMA layers [first, end). */
public record LayerRange(int first, int end) {
    public LayerRange {
        if (first < 0 || end <= first) {
            throw new IllegalArgumentException("layers [" + first + ", " + end + ")");
        }
    }

    public int count() {
        return end - first;
    }

    /** Whether the stage of these layers also embeds tokens. */
    public boolean hasEmbedding() {
        return first == 0;
    }

    /** Whether the stage of these layers also has the final norm and the heads. */
    public boolean hasHeads(LlamaSpec llama) {
        return end == llama.layers();
    }
}
