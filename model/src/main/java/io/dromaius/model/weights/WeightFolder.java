package io.dromaius.model.weights;

import io.dromaius.model.spec.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A folder as diffusers and transformers write it: {@code diffusion_pytorch_model}, {@code pytorch_model} or {@code model},
 * {@code .safetensors} before {@code .bin}, whole or in numbered parts.
 */
final class WeightFolder {
    private static final String STEM = "(?:diffusion_pytorch_model|pytorch_model|model)(?:-\\d+-of-\\d+)?";

    private WeightFolder() {}

    static Map<String, StoredTensor> index(Path folder) {
        for (String suffix : List.of("\\.safetensors", "\\.bin")) {
            List<Path> files = files(folder, STEM + suffix);
            if (!files.isEmpty()) {
                Map<String, StoredTensor> index = new LinkedHashMap<>();
                files.forEach(file -> index.putAll(file(file)));
                return index;
            }
        }
        throw new CheckpointException(folder, "has no pytorch_model.bin or .safetensors");
    }

    static Map<String, StoredTensor> file(Path file) {
        return file.toString().endsWith(".safetensors") ? SafetensorsFile.index(file) : TorchFile.index(file);
    }

    /** Files of a folder by a pattern of their names, in order. */
    static List<Path> files(Path folder, String pattern) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(entry -> entry.getFileName().toString().matches(pattern))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new CheckpointException(folder, "cannot be listed: " + e.getMessage(), e);
        }
    }
}
