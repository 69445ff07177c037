package io.dromaius.decoder;

import io.dromaius.node.NodeConfig;
import io.dromaius.node.Setting;

/**
 * Settings of a decoder worker.
 *
 * @param batch pictures that share a UNet call, each with up to two rows
 * @param queue pictures that may wait for a place in the batch
 * @param maxSide longest side of a picture
 */
public record DecoderConfig(
        NodeConfig node,
        @Setting(byDefault = "8", help = "pictures that share a UNet call") int batch,
        @Setting(byDefault = "64", help = "pictures that may wait; more are refused") int queue,
        @Setting(byDefault = "2048", help = "longest side of a picture, pixels") int maxSide) {
    public DecoderConfig {
        positive("batch", batch);
        positive("queue", queue);
        positive("maxSide", maxSide);
    }

    private static void positive(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " must be positive: " + value);
        }
    }
}
