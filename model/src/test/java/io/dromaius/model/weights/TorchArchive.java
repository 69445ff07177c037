package io.dromaius.model.weights;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Writes what {@code torch.save(state_dict)} writes, opcode by opcode. */
final class TorchArchive {
    private final ByteArrayOutputStream pickle = new ByteArrayOutputStream();
    private final ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    private final ZipOutputStream zip = new ZipOutputStream(zipped);
    private int storages;

    TorchArchive() {
        op(0x80, 2);
    }

    TorchArchive op(int... bytes) {
        for (int b : bytes) {
            pickle.write(b);
        }
        return this;
    }

    TorchArchive global(String module, String name) {
        return op('c').text(module + "\n" + name + "\n");
    }

    TorchArchive string(String value) {
        return op('X').integer(value.length()).text(value);
    }

    TorchArchive startDict() {
        return op('}', '(');
    }

    TorchArchive endDict() {
        return op('u');
    }

    /** A name and an fp32 tensor over a storage of its own. */
    TorchArchive tensor(String name, float[] storage, int start, int[] shape, int[] strides) {
        string(name).global("torch._utils", "_rebuild_tensor_v2").op('(', '(');
        string("storage")
                .global("torch", "FloatStorage")
                .string(Integer.toString(storages))
                .string("cpu");
        number(storage.length)
                .op('t', 'Q')
                .number(start)
                .tuple(shape)
                .tuple(strides)
                .op(0x89);
        global("collections", "OrderedDict").op(')', 'R', 't', 'R');
        ByteBuffer bytes = ByteBuffer.allocate(storage.length * 4).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(storage);
        entry("archive/data/" + storages++, bytes.array());
        return this;
    }

    void write(Path file) throws IOException {
        op('.');
        entry("archive/data.pkl", pickle.toByteArray());
        zip.close();
        try (OutputStream out = Files.newOutputStream(file)) {
            zipped.writeTo(out);
        }
    }

    private TorchArchive tuple(int[] numbers) {
        op('(');
        for (int number : numbers) {
            number(number);
        }
        return op('t');
    }

    private TorchArchive number(int value) {
        return op('J').integer(value);
    }

    private TorchArchive integer(int value) {
        return op(value & 0xff, value >> 8 & 0xff, value >> 16 & 0xff, value >>> 24);
    }

    private TorchArchive text(String text) {
        pickle.writeBytes(text.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    private void entry(String name, byte[] content) {
        CRC32 crc = new CRC32();
        crc.update(content);
        ZipEntry entry = new ZipEntry(name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(content.length);
        entry.setCompressedSize(content.length);
        entry.setCrc(crc.getValue());
        try {
            zip.putNextEntry(entry);
            zip.write(content);
            zip.closeEntry();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
