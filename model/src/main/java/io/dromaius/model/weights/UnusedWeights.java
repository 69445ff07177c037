package io.dromaius.model.weights;

import java.util.regex.Pattern;

/** Tensors that checkpoints carry and inference does not read. */
public final class UnusedWeights {
    private static final Pattern MULTIMODAL = Pattern.compile(
            "visual\\.(norm|head)\\..*" // the last block's output is used as it is
                    + "|cformer\\.cformer\\.embed_tokens\\.weight" // fed with causal_tokens instead
                    + "|.*\\.rotary_emb\\.inv_freq"); // computed

    private static final Pattern DIFFUSION = Pattern.compile(
            "encoder\\..*|quant_conv\\..*" // of the VAE: only decodes
                    + "|.*\\.position_ids"); // of the safety checker: a range

    private UnusedWeights() {}

    /** Whether a tensor of the multimodal encoder, by its normalised name, is never read. */
    public static boolean matches(String name) {
        return MULTIMODAL.matcher(name).matches();
    }

    /** Whether a tensor of a diffusion folder is never read. */
    public static boolean matchesInDiffusion(String name) {
        return DIFFUSION.matcher(name).matches();
    }
}
