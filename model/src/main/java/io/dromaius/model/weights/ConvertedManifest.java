package io.dromaius.model.weights;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.dromaius.model.spec.CheckpointException;
import io.dromaius.model.spec.EmuSpec;
import io.dromaius.model.spec.IoReason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * {@code dromaius.json} of a converted checkpoint.
 *
 * @param version of this format
 * @param fingerprint digest over the files' digests
 * @param files every file with tensors of the multimodal encoder
 */
record ConvertedManifest(int version, EmuSpec spec, String fingerprint, List<Entry> files) {
    static final String NAME = "dromaius.json";
    static final int VERSION = 1;
    private static final ObjectMapper JSON = new ObjectMapper();

    /** A file by its name inside the directory. */
    record Entry(String name, long bytes, String sha256) {}

    ConvertedManifest {
        files = List.copyOf(files);
    }

    static String fingerprint(List<Entry> files) {
        MessageDigest digest = Fingerprint.sha256();
        files.forEach(
                file -> digest.update((file.name() + " " + file.sha256() + "\n").getBytes(StandardCharsets.UTF_8)));
        return HexFormat.of().formatHex(digest.digest());
    }

    static boolean isIn(Path directory) {
        return Files.isRegularFile(directory.resolve(NAME));
    }

    static ConvertedManifest read(Path directory) {
        Path file = directory.resolve(NAME);
        try {
            ConvertedManifest manifest = JSON.readValue(file.toFile(), ConvertedManifest.class);
            if (manifest.version() != VERSION) {
                throw new CheckpointException(
                        file, "has version " + manifest.version() + ", this program reads " + VERSION);
            }
            return manifest;
        } catch (IOException e) {
            throw new CheckpointException(file, "is not a manifest: " + IoReason.of(e), e);
        }
    }

    void write(Path directory) throws IOException {
        JSON.writerWithDefaultPrettyPrinter().writeValue(directory.resolve(NAME).toFile(), this);
    }

    Map<String, StoredTensor> index(Path directory) {
        Map<String, StoredTensor> index = new LinkedHashMap<>();
        for (Entry entry : files) {
            index.putAll(SafetensorsFile.index(directory.resolve(entry.name())));
        }
        return index;
    }

    /** Compares a file with its digest when the first of its tensors is read. */
    MappedWeights.FileCheck check(Path directory) {
        Map<Path, Entry> entries =
                files.stream().collect(Collectors.toMap(entry -> directory.resolve(entry.name()), Function.identity()));
        Set<Path> verified = ConcurrentHashMap.newKeySet();
        return tensor -> {
            Entry entry = entries.get(tensor.file());
            if (entry != null && !verified.contains(tensor.file())) {
                verify(tensor, entry);
                verified.add(tensor.file());
            }
        };
    }

    private static void verify(StoredTensor tensor, Entry entry) {
        try {
            if (Files.size(tensor.file()) != entry.bytes()
                    || !Fingerprint.ofFile(tensor.file()).equals(entry.sha256())) {
                throw new CheckpointException(
                        tensor.file(), "corrupt: wrong SHA-256 (found on reading tensor " + tensor.name() + ")");
            }
        } catch (IOException e) {
            throw new CheckpointException(tensor.file(), "tensor " + tensor.name() + ": " + e.getMessage(), e);
        }
    }
}
