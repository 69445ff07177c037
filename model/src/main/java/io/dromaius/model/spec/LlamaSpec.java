package io.dromaius.model.spec;

/**
 * Sizes of the language model.
 *
 * @param vocabulary rows of the token embedding and of lm_head, added tokens included
 * @param normEps epsilon of every RMS norm
 * @param maxPositions longest sequence it was trained for
 */
public record LlamaSpec(
        int layers,
        int hidden,
        int heads,
        int intermediate,
        int vocabulary,
        double normEps,
        double ropeTheta,
        int maxPositions) {
    public LlamaSpec {
        Sizes.positive("layers", layers);
        Sizes.positive("hidden", hidden);
        Sizes.positive("heads", heads);
        Sizes.positive("intermediate", intermediate);
        Sizes.positive("vocabulary", vocabulary);
        Sizes.positive("maxPositions", maxPositions);
        if (hidden % heads != 0 || hidden / heads % 2 != 0) {
            throw new IllegalArgumentException(heads + " heads do not divide " + hidden + " into even widths");
        }
    }

    public int headWidth() {
        return hidden / heads;
    }

    public LayerRange allLayers() {
        return new LayerRange(0, layers);
    }
}
