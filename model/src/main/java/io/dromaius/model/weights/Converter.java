package io.dromaius.model.weights;

import io.dromaius.model.spec.IoReason;
import io.dromaius.model.torch.Dtype;
import io.dromaius.model.torch.Tensor;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Writes a checkpoint in the form a shard loads fastest: safetensors files in the compute dtype, one for each LLaMA layer,
 * adapters merged, with a manifest of their SHA-256; tokenizer and diffusion folders are copied as they are.
 *
 * <p>Everything is written to a hidden sibling of the target, which is renamed at the end: whatever fails, also a full disk,
 * leaves no target and no sibling behind.
 */
public final class Converter {
    /** Where they are there: folders and, in the last place, a file. */
    private static final List<String> COPIED = List.of(
            "llama_config", "unet", "vae", "scheduler", "safety_checker", "feature_extractor", "model_index.json");

    /** Told after each file, on the converting thread. */
    public interface Progress {
        void written(String file, long doneBytes, long totalBytes);
    }

    /** A file to be. */
    private record Part(String file, List<String> tensors) {}

    private final Checkpoint checkpoint;
    private final Dtype dtype;
    private final Progress progress;

    /** @param dtype everything is stored in */
    public Converter(Checkpoint checkpoint, Dtype dtype, Progress progress) {
        this.checkpoint = checkpoint;
        this.dtype = dtype;
        this.progress = progress;
    }

    /**
     * Converts.
     *
     * @param target directory that does not exist yet
     * @throws FileAlreadyExistsException if it does
     * @throws IOException if it cannot be written, naming the file
     */
    public void convert(Path target) throws IOException {
        Path absolute = target.toAbsolutePath().normalize();
        if (Files.exists(absolute)) {
            throw new FileAlreadyExistsException(target.toString());
        }
        Files.createDirectories(absolute.resolveSibling("."));
        Path draft = Files.createDirectory(absolute.resolveSibling(
                "." + absolute.getFileName() + "." + ProcessHandle.current().pid()));
        try {
            write(draft);
            Files.move(draft, absolute, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException | RuntimeException e) {
            delete(draft, e);
            throw e;
        }
    }

    private void write(Path draft) throws IOException {
        WeightSource weights = checkpoint.weights();
        List<Part> parts = parts(weights);
        long total = parts.stream().mapToLong(part -> bytes(weights, part)).sum();
        long done = 0;
        List<ConvertedManifest.Entry> entries = new ArrayList<>();
        for (Part part : parts) {
            Path file = draft.resolve(part.file());
            write(file, weights, part);
            entries.add(new ConvertedManifest.Entry(part.file(), Files.size(file), Fingerprint.ofFile(file)));
            done += bytes(weights, part);
            progress.written(part.file(), done, total);
        }
        for (String name : COPIED) {
            copy(checkpoint.diffusion().resolve(name), draft.resolve(name));
        }
        new ConvertedManifest(
                        ConvertedManifest.VERSION, checkpoint.spec(), ConvertedManifest.fingerprint(entries), entries)
                .write(draft);
    }

    /** One file a layer; one for what only the first, one for what only the last stage reads; one for the pictures. */
    private List<Part> parts(WeightSource weights) {
        List<Part> parts = new ArrayList<>();
        parts.add(new Part("embedding.safetensors", List.of(LlamaWeights.EMBEDDING)));
        IntStream.range(0, checkpoint.spec().llama().layers())
                .forEach(layer ->
                        parts.add(new Part("layer-%03d.safetensors".formatted(layer), LlamaWeights.layer(layer))));
        parts.add(new Part(
                "heads.safetensors",
                List.of(LlamaWeights.FINAL_NORM, LlamaWeights.LM_HEAD, LlamaWeights.REGRESS_HEAD)));
        List<String> pictures = weights.names().stream()
                .filter(name -> !name.startsWith("decoder.") && !UnusedWeights.matches(name))
                .sorted()
                .toList();
        parts.add(new Part("vision.safetensors", pictures));
        return parts;
    }

    private void write(Path file, WeightSource weights, Part part) throws IOException {
        List<SafetensorsWriter.Announced> announced = part.tensors().stream()
                .map(name -> new SafetensorsWriter.Announced(name, dtype, weights.shape(name)))
                .toList();
        try (SafetensorsWriter writer = new SafetensorsWriter(file, announced)) {
            for (String name : part.tensors()) {
                try (Tensor tensor = weights.tensor(name, dtype)) {
                    writer.write(tensor);
                }
            }
        } catch (IOException e) {
            throw new IOException(file + ": " + IoReason.of(e), e);
        }
    }

    private long bytes(WeightSource weights, Part part) {
        return part.tensors().stream()
                .mapToLong(name -> weights.shape(name).stream().reduce(1L, Math::multiplyExact) * dtype.bytes())
                .sum();
    }

    private static void copy(Path source, Path target) throws IOException {
        if (!Files.exists(source)) {
            return;
        }
        try (Stream<Path> files = Files.walk(source)) {
            for (Path file : files.toList()) {
                Path to = target.resolve(source.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(to);
                } else {
                    Files.copy(file, to);
                }
            }
        }
    }

    private static void delete(Path draft, Exception cause) {
        try (Stream<Path> files = Files.walk(draft)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }
}
