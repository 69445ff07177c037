package io.dromaius.proto.v1;

import com.google.protobuf.MessageLite;
import io.grpc.Metadata;
import java.util.OptionalLong;
import org.jspecify.annotations.NullMarked;

/**
 * The header in which a caller says how long its one message is, before it sends it: the receiver then sets apart no
 * more room than that. Who says nothing has room set apart for the largest message there may be.
 */
@NullMarked
public final class MessageBytes {
    /** The header's name. */
    public static final String NAME = "emu-message-bytes";

    private static final Metadata.Key<String> KEY = Metadata.Key.of(NAME, Metadata.ASCII_STRING_MARSHALLER);

    private MessageBytes() {}

    /** Headers that say how long {@code message} is. */
    public static Metadata of(MessageLite message) {
        Metadata headers = new Metadata();
        headers.put(KEY, Integer.toString(message.getSerializedSize()));
        return headers;
    }

    /**
     * Bytes that the message is to have, or nothing if the caller did not say.
     *
     * @throws NumberFormatException if what it said is no number of bytes
     */
    public static OptionalLong in(Metadata headers) {
        String said = headers.get(KEY);
        return said == null
                ? OptionalLong.empty()
                : OptionalLong.of(Integer.toUnsignedLong(Integer.parseUnsignedInt(said)));
    }
}
