package io.dromaius.encoder;

import io.dromaius.node.NodeConfig;
import io.dromaius.node.Setting;

/** Settings of an encoder worker. */
public record EncoderWorkerConfig(
        NodeConfig node,
        @Setting(byDefault = "8", help = "most pictures that run through the model together") int batch,
        @Setting(byDefault = "64", help = "most calls in progress; one more is told to come back") int calls,
        @Setting(byDefault = "2", help = "threads that decode pictures and videos") int readers) {
    public EncoderWorkerConfig {
        requirePositive("batch", batch);
        requirePositive("calls", calls);
        requirePositive("readers", readers);
    }

    private static void requirePositive(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " must be above zero: " + value);
        }
    }
}
