package io.dromaius.model.tiny;

import java.util.List;

/**
 * Sizes of a tiny model.
 *
 * @param layers LLaMA layers
 * @param hidden LLaMA width, a multiple of {@code heads} times 2
 * @param intermediate LLaMA's inner width
 * @param context positions
 * @param visionWidth width of the ViT, a multiple of {@code visionHeadWidth}
 * @param causalWidth width of the causal transformer, a multiple of {@code causalHeads}
 * @param channels of the UNet's levels, multiples of 16; all but the last attend to the embeddings
 */
public record TinySizes(
        int layers,
        int hidden,
        int heads,
        int intermediate,
        int context,
        int visionLayers,
        int visionWidth,
        int visionHeadWidth,
        int causalLayers,
        int causalWidth,
        int causalHeads,
        List<Integer> channels,
        TinyPictures pictures) {

    /** Enough layers for five shards, and small enough for a picture in a second. */
    public static final TinySizes DEFAULT =
            new TinySizes(6, 64, 4, 172, 2048, 2, 64, 32, 2, 48, 4, List.of(32, 32, 48, 48), TinyPictures.DEFAULT);

    /** Nothing is as in {@link #DEFAULT}, and pictures are not square. */
    public static final TinySizes OTHER = new TinySizes(
            5,
            96,
            6,
            160,
            1024,
            3,
            48,
            16,
            3,
            40,
            5,
            List.of(32, 48, 64),
            new TinyPictures(112, 16, 24, List.of(16, 32, 48), 48, 80));

    public TinySizes {
        channels = List.copyOf(channels);
        positive("layers", layers);
        positive("intermediate", intermediate);
        positive("context", context);
        positive("visionLayers", visionLayers);
        positive("causalLayers", causalLayers);
        multiple("hidden", hidden, 2 * positive("heads", heads));
        multiple("visionWidth", visionWidth, positive("visionHeadWidth", visionHeadWidth));
        multiple("causalWidth", causalWidth, positive("causalHeads", causalHeads));
        channels.forEach(count -> multiple("channels", count, DiffusionTensors.GROUPS));
    }

    /** These sizes with another LLaMA. */
    public TinySizes withLlama(int newLayers, int newHidden, int newHeads, int newIntermediate, int newContext) {
        return new TinySizes(
                newLayers,
                newHidden,
                newHeads,
                newIntermediate,
                newContext,
                visionLayers,
                visionWidth,
                visionHeadWidth,
                causalLayers,
                causalWidth,
                causalHeads,
                channels,
                pictures);
    }

    /** Inner width of the ViT's MLP. */
    int visionInner() {
        return (int) (visionWidth * TinyConfigs.VISION_MLP_RATIO);
    }

    static int positive(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " is " + value);
        }
        return value;
    }

    static void multiple(String name, int value, int of) {
        if (value < 1 || value % of != 0) {
            throw new IllegalArgumentException(name + " is " + value + ", not a multiple of " + of);
        }
    }
}
