package io.dromaius.encoder.media;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The formats that are read, told by their first bytes. Whatever else ImageIO has readers for stays shut. */
enum PictureFormat {
    PNG,
    JPEG,
    WEBP;

    static Optional<PictureFormat> of(ByteBuffer data) {
        if (startsWith(data, 0, "\u0089PNG\r\n\u001a\n")) {
            return Optional.of(PNG);
        }
        if (startsWith(data, 0, "\u00ff\u00d8\u00ff")) {
            return Optional.of(JPEG);
        }
        if (startsWith(data, 0, "RIFF") && startsWith(data, 8, "WEBP")) {
            return Optional.of(WEBP);
        }
        return Optional.empty();
    }

    private static boolean startsWith(ByteBuffer data, int offset, String latin1) {
        byte[] wanted = latin1.getBytes(StandardCharsets.ISO_8859_1);
        return data.remaining() >= offset + wanted.length
                && data.slice(data.position() + offset, wanted.length).equals(ByteBuffer.wrap(wanted));
    }
}
