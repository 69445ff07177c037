package io.dromaius.model.spec;

/**
 * Sizes of the EVA-CLIP vision transformer.
 *
 * @param imageSize side of the square picture, pixels
 * @param patchSize side of a patch, pixels
 */
public record VitSpec(int layers, int width, int heads, int imageSize, int patchSize, double normEps) {
    public VitSpec {
        Sizes.positive("layers", layers);
        Sizes.positive("width", width);
        Sizes.positive("heads", heads);
        Sizes.positive("patchSize", patchSize);
        if (width % heads != 0 || imageSize < patchSize) {
            throw new IllegalArgumentException("vision transformer of width " + width + ", " + heads + " heads, image "
                    + imageSize + ", patch " + patchSize);
        }
    }

    public int headWidth() {
        return width / heads;
    }

    /** Patches and the class token. */
    public int tokens() {
        int side = imageSize / patchSize;
        return 1 + side * side;
    }
}
