package io.dromaius.model.spec;

import java.util.Objects;

/** Sizes of the multimodal encoder: pictures to visual embeddings, and the language model that reads and writes them. */
public record EmuSpec(VitSpec vit, CausalFormerSpec causalFormer, LlamaSpec llama) {
    public EmuSpec {
        Objects.requireNonNull(vit, "vit");
        Objects.requireNonNull(causalFormer, "causalFormer");
        Objects.requireNonNull(llama, "llama");
    }

    /** Visual embeddings of a picture. */
    public int visualTokens() {
        return causalFormer.queries();
    }
}
