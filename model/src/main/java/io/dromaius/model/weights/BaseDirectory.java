package io.dromaius.model.weights;

import io.dromaius.model.spec.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Finds the released directory an instruct state dict belongs to: the one that holds it, or the only one beside it. */
final class BaseDirectory {
    private BaseDirectory() {}

    static Path of(Path instruct) {
        if (!Files.exists(instruct)) {
            throw new CheckpointException(instruct, "does not exist");
        }
        Path directory = instruct.toAbsolutePath().normalize();
        for (int level = 0; level < 3 && directory != null; level++) {
            if (isReleased(directory)) {
                return directory;
            }
            List<Path> found = releasedIn(directory);
            if (found.size() > 1) {
                throw new CheckpointException(instruct, "could belong to any of " + found + ": name one as its base");
            }
            if (!found.isEmpty()) {
                return found.get(0);
            }
            directory = directory.getParent();
        }
        throw new CheckpointException(instruct, "is no checkpoint, and no directory with llama_config is beside it");
    }

    private static List<Path> releasedIn(Path directory) {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.filter(BaseDirectory::isReleased).sorted().toList();
        } catch (IOException e) {
            throw new CheckpointException(directory, "cannot be listed: " + e.getMessage(), e);
        }
    }

    private static boolean isReleased(Path directory) {
        return Files.isDirectory(directory.resolve("llama_config"));
    }
}
