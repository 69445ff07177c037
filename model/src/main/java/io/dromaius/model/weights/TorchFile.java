package io.dromaius.model.weights;

import io.dromaius.model.spec.CheckpointException;
import io.dromaius.model.weights.TorchPickle.View;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import net.razorvine.pickle.PickleException;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;

/** The zip archive {@code torch.save} writes: one pickle, and one stored entry for each storage. */
final class TorchFile {
    private TorchFile() {}

    /** Finds the tensors of a state dict, be it the pickled object itself or its {@code module} entry. */
    static Map<String, StoredTensor> index(Path file) {
        try (ZipFile zip = ZipFile.builder().setPath(file).get()) {
            ZipArchiveEntry pickle = pickle(zip, file);
            String root = pickle.getName().substring(0, pickle.getName().length() - "data.pkl".length());
            requireLittleEndian(zip, file, root);
            Map<String, StoredTensor> index = new LinkedHashMap<>();
            for (Map.Entry<?, ?> entry : stateDict(zip, pickle, file).entrySet()) {
                if (entry.getValue() instanceof View view) {
                    String name = entry.getKey().toString();
                    index.put(name, locate(zip, file, root, name, view));
                }
            }
            if (index.isEmpty()) {
                throw new CheckpointException(file, "holds no tensors");
            }
            return index;
        } catch (IOException e) {
            throw new CheckpointException(file, "truncated or not a torch archive: " + e.getMessage(), e);
        }
    }

    private static ZipArchiveEntry pickle(ZipFile zip, Path file) {
        for (ZipArchiveEntry entry : Collections.list(zip.getEntries())) {
            if (entry.getName().matches("[^/]+/data\\.pkl")) {
                return entry;
            }
        }
        throw new CheckpointException(file, "a zip without data.pkl is not a torch archive");
    }

    private static void requireLittleEndian(ZipFile zip, Path file, String root) throws IOException {
        ZipArchiveEntry order = zip.getEntry(root + "byteorder");
        if (order != null) {
            try (InputStream in = zip.getInputStream(order)) {
                if (!new String(in.readAllBytes(), java.nio.charset.StandardCharsets.US_ASCII).equals("little")) {
                    throw new CheckpointException(file, "is not little-endian");
                }
            }
        }
    }

    private static Map<?, ?> stateDict(ZipFile zip, ZipArchiveEntry pickle, Path file) throws IOException {
        Object content;
        try (InputStream in = zip.getInputStream(pickle)) {
            content = new TorchPickle().load(in);
        } catch (PickleException | ClassCastException e) {
            throw new CheckpointException(file, "its pickle is not a state dict: " + e.getMessage(), e);
        }
        if (content instanceof Map<?, ?> map) {
            return map.get("module") instanceof Map<?, ?> module ? module : map;
        }
        throw new CheckpointException(file, "its pickle is not a state dict");
    }

    private static StoredTensor locate(ZipFile zip, Path file, String root, String name, View view) throws IOException {
        ZipArchiveEntry entry = zip.getEntry(root + "data/" + view.storage().key());
        if (entry == null) {
            throw new CheckpointException(file, "tensor " + name + " has no data");
        }
        if (entry.getMethod() != ZipEntry.STORED) {
            throw new CheckpointException(file, "tensor " + name + " is compressed");
        }
        // Opening the entry makes the library find where its data begins.
        try (InputStream in = zip.getInputStream(entry)) {
            StoredTensor.Storage storage =
                    new StoredTensor.Storage(file, entry.getDataOffset(), entry.getSize(), entry.getCrc());
            return new StoredTensor(name, view.storage().dtype(), view.shape(), view.strides(), storage, view.start());
        }
    }
}
