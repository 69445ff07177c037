package io.dromaius.model.tiny;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;

/**
 * Makes a model of random weights in the released layout, complete enough to serve every request. The same sizes and seed give the
 * same bytes. No native library is needed.
 */
public final class TinyCheckpoint {

    private static final String PRETRAIN = "emu-tiny";
    private static final String INSTRUCT = "emu-tiny-instruct";
    // Each file draws from its own numbers; the instruct model has other base weights than the pretrain one.
    private static final long INSTRUCT_SEED = 1;
    private static final long UNET_SEED = 2;
    private static final long VAE_SEED = 3;
    private static final long SAFETY_SEED = 4;
    private static final long SEEDS = 8;

    private final TinySizes sizes;
    private final long seed;
    private final boolean early;
    private final boolean damaged;
    private final TinyVocabulary vocabulary = new TinyVocabulary();

    public TinyCheckpoint(TinySizes sizes, long seed) {
        this(sizes, seed * SEEDS, false, false);
    }

    private TinyCheckpoint(TinySizes sizes, long seed, boolean early, boolean damaged) {
        this.sizes = Objects.requireNonNull(sizes, "sizes is null");
        this.seed = seed;
        this.early = early;
        this.damaged = damaged;
    }

    /**
     * The same model in other files: sizes of the preprocessor are plain integers, and it is the instruct state dict that is
     * wrapped in {@code module}, not the pretrain one.
     */
    public TinyCheckpoint inOtherFiles() {
        return new TinyCheckpoint(sizes, seed, true, damaged);
    }

    /** The same model with NaN for every weight: files that are read without complaint and compute nothing. */
    public TinyCheckpoint damaged() {
        return new TinyCheckpoint(sizes, seed, early, true);
    }

    /** The pretrain model with the sizes that tests share. */
    public static Path writePretrain(Path parent) throws IOException {
        return new TinyCheckpoint(TinySizes.DEFAULT, 0).pretrain(parent);
    }

    /** The instruct model with the sizes that tests share, and the pretrain one beside it. */
    public static Path writeInstruct(Path parent) throws IOException {
        TinyCheckpoint tiny = new TinyCheckpoint(TinySizes.DEFAULT, 0);
        tiny.pretrain(parent);
        return tiny.instruct(parent);
    }

    /** Pieces of the SentencePiece model; special ids count on from here. */
    public int vocabularySize() {
        return vocabulary.size();
    }

    /** Writes the pretrain model to {@code parent/emu-tiny}, which it returns. */
    public Path pretrain(Path parent) throws IOException {
        Path directory = parent.resolve(PRETRAIN);
        for (Map.Entry<String, Object> config :
                new TinyConfigs(sizes, vocabulary.size(), early).files().entrySet()) {
            Path file = directory.resolve(config.getKey());
            Files.createDirectories(file.getParent());
            Files.writeString(file, TinyConfigs.json(config.getValue()), StandardCharsets.UTF_8);
        }
        Files.write(directory.resolve("llama_config/tokenizer.model"), vocabulary.modelProto());

        DiffusionTensors diffusion = new DiffusionTensors(sizes);
        Files.createDirectories(directory.resolve("multimodal_encoder"));
        write(
                directory.resolve("multimodal_encoder/pytorch_model.bin"),
                new EmuTensors(sizes, vocabulary.size() + 4, false).all(),
                !early,
                seed);
        write(directory.resolve("unet/diffusion_pytorch_model.bin"), diffusion.unet(), false, seed + UNET_SEED);
        write(directory.resolve("vae/diffusion_pytorch_model.bin"), diffusion.vae(), false, seed + VAE_SEED);
        write(
                directory.resolve("safety_checker/pytorch_model.bin"),
                DiffusionTensors.safetyChecker(),
                false,
                seed + SAFETY_SEED);
        return directory;
    }

    /**
     * Writes the instruct model, with its LoRA adapters unmerged, to {@code parent/emu-tiny-instruct}, which it returns. Its
     * configuration, tokenizer and diffusion folders are those of {@link #pretrain} beside it.
     */
    public Path instruct(Path parent) throws IOException {
        Path directory = Files.createDirectories(parent.resolve(INSTRUCT));
        write(
                directory.resolve("Emu-instruct.pt"),
                new EmuTensors(sizes, vocabulary.size() + 6, true).all(),
                early,
                seed + INSTRUCT_SEED);
        return directory;
    }

    private void write(Path file, StateDict dict, boolean wrapped, long fileSeed) throws IOException {
        TorchArchiveWriter.write(file, damaged ? dict.damaged() : dict, wrapped, fileSeed);
    }
}
