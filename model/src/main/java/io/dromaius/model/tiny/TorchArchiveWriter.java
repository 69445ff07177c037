package io.dromaius.model.tiny;

import io.dromaius.model.sampling.CounterRandom;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;

/**
 * Writes a state dict as {@code torch.save} does: a zip of one pickle and one uncompressed entry for each storage, aligned to 64
 * bytes. No native engine is needed.
 */
final class TorchArchiveWriter {

    private static final int ALIGNMENT = 64;
    // A fixed date, so that the same weights are the same bytes.
    private static final long ENTRY_TIME = 315_532_800_000L;

    private TorchArchiveWriter() {}

    /**
     * Writes the tensors, drawn from {@code seed}; {@code wrapped} puts them below the key {@code module}, as the released pretrain file
     * has them.
     */
    static void write(Path file, StateDict dict, boolean wrapped, long seed) throws IOException {
        List<StateDict.Entry> entries = dict.entries();
        try (ZipArchiveOutputStream zip = new ZipArchiveOutputStream(file)) {
            addEntry(zip, "archive/data.pkl", pickle(entries, wrapped));
            for (int i = 0; i < entries.size(); i++) {
                addEntry(zip, "archive/data/" + i, values(entries.get(i), seed));
            }
            addEntry(zip, "archive/version", "3\n".getBytes(StandardCharsets.US_ASCII));
        }
    }

    private static void addEntry(ZipArchiveOutputStream zip, String name, byte[] content) throws IOException {
        CRC32 crc = new CRC32();
        crc.update(content);
        ZipArchiveEntry entry = new ZipArchiveEntry(name);
        entry.setMethod(ZipEntry.STORED);
        entry.setTime(ENTRY_TIME);
        entry.setSize(content.length);
        entry.setCrc(crc.getValue());
        entry.setAlignment(ALIGNMENT);
        zip.putArchiveEntry(entry);
        zip.write(content);
        zip.closeArchiveEntry();
    }

    private static byte[] values(StateDict.Entry entry, long seed) {
        // Each tensor has a seed of its own, so that one more layer changes no other tensor.
        float[] normals = CounterRandom.normals(seed ^ (long) entry.name().hashCode() << 32, entry.elements());
        ByteBuffer bytes =
                ByteBuffer.allocate(normals.length * (entry.bfloat16() ? 2 : 4)).order(ByteOrder.LITTLE_ENDIAN);
        for (float normal : normals) {
            float value = (float) (entry.mean() + entry.deviation() * normal);
            if (entry.bfloat16()) {
                bytes.putShort((short) (Float.floatToRawIntBits(value) >>> 16));
            } else {
                bytes.putFloat(value);
            }
        }
        return bytes.array();
    }

    private static byte[] pickle(List<StateDict.Entry> entries, boolean wrapped) {
        Pickle pickle = new Pickle();
        if (wrapped) {
            pickle.code("}(").text("module");
        }
        pickle.global("collections", "OrderedDict").code(")R(");
        for (int i = 0; i < entries.size(); i++) {
            pickle.text(entries.get(i).name());
            addTensor(pickle, entries.get(i), i);
        }
        return pickle.code(wrapped ? "uu." : "u.").bytes();
    }

    private static void addTensor(Pickle pickle, StateDict.Entry entry, int key) {
        pickle.global("torch._utils", "_rebuild_tensor_v2")
                .code("((")
                .text("storage")
                .global("torch", entry.bfloat16() ? "BFloat16Storage" : "FloatStorage")
                .text(Integer.toString(key))
                .text("cpu")
                .integer(entry.elements())
                .code("tQ")
                .integer(0)
                .code("(");
        entry.shape().forEach(pickle::integer);
        pickle.code("t(");
        int stride = entry.elements();
        for (int size : entry.shape()) {
            stride /= size;
            pickle.integer(stride);
        }
        pickle.code("t\u0089").global("collections", "OrderedDict").code(")RtR");
    }

    /** Opcodes of pickle protocol 2. */
    private static final class Pickle {

        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Pickle() {
            code("\u0080\u0002");
        }

        /** Opcodes without arguments, one Latin-1 character each. */
        Pickle code(String opcodes) {
            out.writeBytes(opcodes.getBytes(StandardCharsets.ISO_8859_1));
            return this;
        }

        Pickle global(String module, String name) {
            return code("c" + module + "\n" + name + "\n");
        }

        Pickle text(String text) {
            byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
            code("X");
            littleEndian(utf8.length);
            out.writeBytes(utf8);
            return this;
        }

        Pickle integer(int value) {
            code("J");
            littleEndian(value);
            return this;
        }

        byte[] bytes() {
            return out.toByteArray();
        }

        private void littleEndian(int value) {
            out.writeBytes(ByteBuffer.allocate(4)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putInt(value)
                    .array());
        }
    }
}
