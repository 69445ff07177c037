package io.dromaius.model.torch;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Packs script sources into the archive {@code torch.jit.save} would have written: a zip of stored entries with the code
 * as text and a pickle that makes one instance of the module.
 */
final class ScriptArchive {
    private static final byte[] EMPTY_TUPLE = {(byte) 0x80, 2, ')', '.'};
    /** File format 10: the interpreter then applies no upgraders of old operators. */
    private static final byte[] VERSION = "10\n".getBytes(StandardCharsets.US_ASCII);

    private ScriptArchive() {}

    static byte[] pack(String file, String type, Map<String, Object> attributes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(out)) {
            zip.setMethod(ZipOutputStream.STORED);
            put(zip, "m/data.pkl", instance("__torch__.dromaius." + file, type, attributes));
            for (ScriptSource source : closure(file).values()) {
                put(
                        zip,
                        "m/code/__torch__/dromaius/" + source.name() + ".py",
                        source.text().getBytes(StandardCharsets.UTF_8));
            }
            put(zip, "m/constants.pkl", EMPTY_TUPLE);
            put(zip, "m/version", VERSION);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot pack " + file, e);
        }
        return out.toByteArray();
    }

    private static Map<String, ScriptSource> closure(String file) {
        Map<String, ScriptSource> sources = new LinkedHashMap<>();
        Deque<String> wanted = new ArrayDeque<>();
        wanted.add(file);
        while (!wanted.isEmpty()) {
            String name = wanted.remove();
            if (!sources.containsKey(name)) {
                ScriptSource source = ScriptSource.read(name);
                sources.put(name, source);
                wanted.addAll(source.imports());
            }
        }
        return sources;
    }

    /** The pickle of an object of class {@code module.type} whose state is the attributes. */
    private static byte[] instance(String module, String type, Map<String, Object> attributes) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.write(new byte[] {(byte) 0x80, 2, 'c'});
        out.writeBytes(module + "\n" + type + "\n");
        out.write(new byte[] {')', (byte) 0x81, '}', '('});
        for (Map.Entry<String, Object> attribute : attributes.entrySet()) {
            byte[] name = attribute.getKey().getBytes(StandardCharsets.UTF_8);
            out.write('X');
            out.writeInt(Integer.reverseBytes(name.length));
            out.write(name);
            writeNumber(out, attribute.getKey(), attribute.getValue());
        }
        out.write(new byte[] {'u', 'b', '.'});
        return bytes.toByteArray();
    }

    private static void writeNumber(DataOutputStream out, String name, Object value) throws IOException {
        if (value instanceof Integer number) {
            out.write('J');
            out.writeInt(Integer.reverseBytes(number));
        } else if (value instanceof Double number) {
            out.write('G');
            out.writeDouble(number);
        } else if (value instanceof Boolean flag) {
            out.write(flag ? 0x88 : 0x89);
        } else {
            throw new IllegalArgumentException("attribute " + name + " is a " + value.getClass());
        }
    }

    private static void put(ZipOutputStream zip, String name, byte[] content) throws IOException {
        CRC32 crc = new CRC32();
        crc.update(content);
        ZipEntry entry = new ZipEntry(name);
        entry.setTime(0);
        entry.setSize(content.length);
        entry.setCompressedSize(content.length);
        entry.setCrc(crc.getValue());
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
    }
}
