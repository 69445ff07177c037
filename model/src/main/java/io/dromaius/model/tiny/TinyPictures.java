package io.dromaius.model.tiny;

import java.util.List;

/**
 * Sizes of what a tiny model sees and draws.
 *
 * @param inputSide of the square a picture is brought to, pixels
 * @param patch side of a patch, a divisor of {@code inputSide}
 * @param visualTokens embeddings of a picture
 * @param vaeChannels of the VAE's levels, multiples of 16; each but the last doubles a picture's sides
 * @param height of a drawn picture, a multiple of what the VAE multiplies sides by
 * @param width the same
 */
public record TinyPictures(
        int inputSide, int patch, int visualTokens, List<Integer> vaeChannels, int height, int width) {
    /** As in Emu, save that pictures come out at 128 x 128. */
    public static final TinyPictures DEFAULT = new TinyPictures(224, 14, 32, List.of(16, 16, 32, 32), 128, 128);

    public TinyPictures {
        vaeChannels = List.copyOf(vaeChannels);
        TinySizes.multiple("inputSide", inputSide, TinySizes.positive("patch", patch));
        TinySizes.positive("visualTokens", visualTokens);
        vaeChannels.forEach(count -> TinySizes.multiple("vaeChannels", count, DiffusionTensors.GROUPS));
        TinySizes.multiple("height", height, 1 << (vaeChannels.size() - 1));
        TinySizes.multiple("width", width, 1 << (vaeChannels.size() - 1));
    }

    /** Class token and patches. */
    int positions() {
        return 1 + (inputSide / patch) * (inputSide / patch);
    }

    /** Height and width of the latents, which is what diffusers calls a UNet's sample size. */
    List<Integer> latents() {
        int factor = 1 << (vaeChannels.size() - 1);
        return List.of(height / factor, width / factor);
    }
}
