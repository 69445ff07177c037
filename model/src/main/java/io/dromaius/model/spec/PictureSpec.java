package io.dromaius.model.spec;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The pictures that a checkpoint draws, as its configuration says.
 *
 * @param height of a picture when nobody asks for another, pixels; 0 if the checkpoint draws none
 * @param width the same
 * @param factor pixels of a picture's side for one of its latents': sides are multiples of it
 * @param channels of the latents
 */
public record PictureSpec(int height, int width, int factor, int channels) {
    /** Of a checkpoint without diffusion folders. */
    public static final PictureSpec NONE = new PictureSpec(0, 0, 1, 0);

    /**
     * Reads the configurations of UNet and VAE.
     *
     * @param root directory of the diffusion folders
     * @throws CheckpointException naming the file, if one cannot be used
     */
    public static PictureSpec read(Path root) {
        Path unet = root.resolve("unet/config.json");
        Path vae = root.resolve("vae/config.json");
        return Files.exists(unet) && Files.exists(vae) ? of(UNetSpec.read(unet), VaeSpec.read(vae)) : NONE;
    }

    /** The pictures that these two networks make together. */
    public static PictureSpec of(UNetSpec unet, VaeSpec vae) {
        return new PictureSpec(
                unet.sampleHeight() * vae.factor(),
                unet.sampleWidth() * vae.factor(),
                vae.factor(),
                vae.latentChannels());
    }
}
