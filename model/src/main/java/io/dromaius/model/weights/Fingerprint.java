package io.dromaius.model.weights;

import io.dromaius.model.spec.CheckpointException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;

/** SHA-256 of files, and a digest of a set of tensors that is cheap enough to take at every start. */
final class Fingerprint {
    private static final int SAMPLE = 4096;

    private Fingerprint() {}

    /**
     * Digest of names, types, shapes and checksums; where a file keeps no checksums, of the first bytes of each tensor
     * instead.
     */
    static String of(Collection<StoredTensor> tensors) {
        MessageDigest digest = sha256();
        List<StoredTensor> ordered = tensors.stream()
                .sorted(Comparator.comparing(StoredTensor::name))
                .toList();
        for (StoredTensor tensor : ordered) {
            digest.update((tensor.name() + tensor.dtype() + tensor.shape() + tensor.start() + "\n")
                    .getBytes(StandardCharsets.UTF_8));
            if (tensor.storage().crc32() != 0) {
                digest.update(
                        ByteBuffer.allocate(8).putLong(tensor.storage().crc32()).flip());
            } else {
                digest.update(sample(tensor));
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    static String ofFile(Path file) throws IOException {
        MessageDigest digest = sha256();
        byte[] buffer = new byte[1 << 20];
        try (InputStream in = Files.newInputStream(file)) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static ByteBuffer sample(StoredTensor tensor) {
        ByteBuffer bytes =
                ByteBuffer.allocate((int) Math.min(SAMPLE, tensor.storage().bytes()));
        try (FileChannel channel = FileChannel.open(tensor.file(), StandardOpenOption.READ)) {
            while (bytes.hasRemaining() && channel.read(bytes, tensor.storage().offset() + bytes.position()) >= 0) {
                // reads until full or at the end of the file
            }
        } catch (IOException e) {
            throw new CheckpointException(tensor.file(), "tensor " + tensor.name() + ": " + e.getMessage(), e);
        }
        return bytes.flip();
    }
}
