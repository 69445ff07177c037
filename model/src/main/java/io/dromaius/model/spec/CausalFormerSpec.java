package io.dromaius.model.spec;

/**
 * Sizes of the causal transformer, a T5 decoder stack that turns a picture into visual embeddings.
 *
 * @param headWidth width of one head; heads * headWidth need not be {@code width}
 * @param queries visual embeddings of a picture
 * @param buckets relative-position buckets
 * @param maxDistance distance from which positions share the last bucket
 */
public record CausalFormerSpec(
        int layers, int width, int heads, int headWidth, int queries, int buckets, int maxDistance, double normEps) {
    public CausalFormerSpec {
        Sizes.positive("layers", layers);
        Sizes.positive("width", width);
        Sizes.positive("heads", heads);
        Sizes.positive("headWidth", headWidth);
        Sizes.positive("queries", queries);
        Sizes.positive("buckets", buckets);
        Sizes.positive("maxDistance", maxDistance);
    }
}
