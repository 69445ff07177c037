package io.dromaius.client;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/** A drawn picture: the PNG, and what it was drawn from. Immutable: arrays are copied on the way in and out. */
public final class Picture {
    private final int index;
    private final byte[] png;
    private final boolean flagged;
    private final long seed;
    private final float[] embeddings;
    private final float[] unconditionalEmbeddings;

    Picture(int index, byte[] png, boolean flagged, long seed, float[] embeddings, float[] unconditionalEmbeddings) {
        this.index = index;
        this.png = png.clone();
        this.flagged = flagged;
        this.seed = seed;
        this.embeddings = embeddings.clone();
        this.unconditionalEmbeddings = unconditionalEmbeddings.clone();
    }

    /** 0, 1, ... within the answer. */
    public int index() {
        return index;
    }

    /** The PNG file's bytes; empty when only embeddings were asked for. */
    public byte[] png() {
        return png.clone();
    }

    /** Whether the safety checker fired; the picture is all black then. */
    public boolean flagged() {
        return flagged;
    }

    /** Seed of the initial noise: the same seed and prompt give the same picture. */
    public long seed() {
        return seed;
    }

    /** The visual embeddings, row-major [tokens, d], when they were asked for. */
    public Optional<float[]> embeddings() {
        return embeddings.length == 0 ? Optional.empty() : Optional.of(embeddings.clone());
    }

    /** The embeddings of the empty prompt, when they were asked for and guidance is on. */
    public Optional<float[]> unconditionalEmbeddings() {
        return unconditionalEmbeddings.length == 0 ? Optional.empty() : Optional.of(unconditionalEmbeddings.clone());
    }

    /** Writes the PNG. */
    public Path save(Path file) throws IOException {
        return Files.write(file, png);
    }

    @Override
    public String toString() {
        return "Picture[index=" + index + ", pngBytes=" + png.length + ", flagged=" + flagged + ", seed=" + seed + "]";
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Picture that
                && index == that.index
                && flagged == that.flagged
                && seed == that.seed
                && Arrays.equals(png, that.png);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(png) * 31 + Long.hashCode(seed);
    }
}
