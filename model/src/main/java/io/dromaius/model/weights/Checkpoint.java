package io.dromaius.model.weights;

import io.dromaius.model.spec.CheckpointException;
import io.dromaius.model.spec.EmuSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A model on disk, in one of three forms: the released directory ({@code multimodal_encoder/}, {@code llama_config/},
 * {@code unet/}, ...), an instruct state dict ({@code .pt}) whose other files are those of a released directory beside it,
 * or the converted form of {@code emu convert}. Opening reads headers only. Immutable and thread-safe.
 */
public final class Checkpoint {
    /** PEFT's scaling numerator in the released instruct model; the rank is read off the adapters. */
    private static final double LORA_ALPHA = 16;

    private final Path origin;
    private final Path base;
    private final EmuSpec spec;
    private final String fingerprint;
    private final Map<String, StoredTensor> index;
    private final MappedWeights.FileCheck check;

    private Checkpoint(
            Path origin,
            Path base,
            EmuSpec spec,
            String fingerprint,
            Map<String, StoredTensor> index,
            MappedWeights.FileCheck check) {
        this.origin = origin;
        this.base = base;
        this.spec = spec;
        this.fingerprint = fingerprint;
        this.index = index;
        this.check = check;
    }

    /** @throws CheckpointException naming the file, and the tensor if one is to blame */
    public static Checkpoint open(Path path) {
        if (ConvertedManifest.isIn(path)) {
            return converted(path);
        }
        if (Files.isDirectory(path.resolve("multimodal_encoder"))) {
            return released(path, WeightFolder.index(path.resolve("multimodal_encoder")), path);
        }
        return open(path, BaseDirectory.of(path));
    }

    /**
     * Opens an instruct state dict, or the directory that holds one.
     *
     * @param base released directory whose configuration, tokenizer and diffusion folders go with it
     */
    public static Checkpoint open(Path instruct, Path base) {
        if (!Files.exists(instruct)) {
            throw new CheckpointException(instruct, "does not exist");
        }
        Path file = instruct;
        if (Files.isDirectory(instruct)) {
            List<Path> files = WeightFolder.files(instruct, ".*\\.(?:pt|pth|bin|safetensors)");
            if (files.size() != 1) {
                throw new CheckpointException(instruct, "is no checkpoint: " + files.size() + " state dicts in it");
            }
            file = files.get(0);
        }
        return released(file, WeightFolder.file(file), base);
    }

    public EmuSpec spec() {
        return spec;
    }

    /** Tensors of the multimodal encoder by the names of the released pretrain file, adapters merged; a new tally at each call. */
    public WeightSource weights() {
        return LoraWeights.merge(new MappedWeights(origin, index, check), LORA_ALPHA);
    }

    /** Tensors of one diffusion folder: {@code unet}, {@code vae} or {@code safety_checker}. */
    public WeightSource component(String folder) {
        return new MappedWeights(base.resolve(folder), WeightFolder.index(base.resolve(folder)), check);
    }

    /** The SentencePiece model. */
    public Path tokenizer() {
        return base.resolve("llama_config/tokenizer.model");
    }

    /** Directory that holds {@code unet}, {@code vae}, {@code scheduler}, {@code safety_checker}, {@code feature_extractor}. */
    public Path diffusion() {
        return base;
    }

    /** Equal for equal weights of the multimodal encoder in the same form; hexadecimal. */
    public String fingerprint() {
        return fingerprint;
    }

    /** File or directory this was opened from. */
    public Path origin() {
        return origin;
    }

    private static Checkpoint released(Path origin, Map<String, StoredTensor> stored, Path base) {
        Map<String, StoredTensor> index = StateDictNames.normalise(stored);
        EmuSpec spec = new SpecReader(base, index).read();
        return new Checkpoint(origin, base, spec, Fingerprint.of(index.values()), index, tensor -> {});
    }

    private static Checkpoint converted(Path directory) {
        ConvertedManifest manifest = ConvertedManifest.read(directory);
        return new Checkpoint(
                directory,
                directory,
                Objects.requireNonNull(manifest.spec()),
                manifest.fingerprint(),
                manifest.index(directory),
                manifest.check(directory));
    }
}
