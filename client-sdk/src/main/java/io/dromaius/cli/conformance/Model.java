package io.dromaius.cli.conformance;

import java.util.Locale;

/** The two checkpoints of a set. */
public enum Model {
    PRETRAIN("emu-tiny"),
    INSTRUCT("emu-tiny-instruct");

    private final String folder;

    Model(String folder) {
        this.folder = folder;
    }

    /** Of the checkpoint within the set. */
    public String folder() {
        return folder;
    }

    /** As cases name it. */
    public static Model of(String name) {
        return valueOf(name.toUpperCase(Locale.ROOT));
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
