package io.dromaius.model.diffusion;

import io.dromaius.model.weights.WeightShapes;

/** The block that UNet and VAE have in common. */
final class Resnets {
    private Resnets() {}

    static void add(WeightShapes shapes, String name, int in, int out) {
        shapes.norm(name + ".norm1", in)
                .conv(name + ".conv1", out, in, 3)
                .norm(name + ".norm2", out)
                .conv(name + ".conv2", out, out, 3);
        if (in != out) {
            shapes.conv(name + ".conv_shortcut", out, in, 1);
        }
    }
}
