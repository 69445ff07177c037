package io.dromaius.node.rpc;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * An encoded message whose fields are counted while it is read, those of the messages in it included; LIMIT_EXCEEDED
 * once there are more than a bound. Bytes bound nothing by themselves: an empty message in a list is two of them, and
 * dozens once it is an object.
 *
 * <p>Packed numbers become an array, so {@link #PACKED_BYTES} of them count as one field. What the message's type does not
 * know is kept all the same, each number of a field in lists of its own, so one of these counts as {@link #UNKNOWN}
 * fields; a caller of a later version has few. Where the bytes are no message the count may be wrong; that they are none
 * is for the parser to say.
 */
final class BoundedFields extends InputStream {
    static final int PACKED_BYTES = 16;
    static final int UNKNOWN = 100;

    /** What a number that is read stands for. */
    private enum Expected {
        TAG,
        VALUE,
        LENGTH
    }

    /** A message, or a group of one, that has begun; a field that {@code type} does not know is only bytes. */
    private record Level(@Nullable Descriptor type, long end) {
        /** Of the outermost message, and of groups, which end with a tag. */
        static final long OPEN = Long.MAX_VALUE;
    }

    private final InputStream encoded;
    private final int most;
    private final Deque<Level> levels = new ArrayDeque<>();
    private long weight;
    private long position;
    private long payloadEnd;
    private boolean packed;
    private Expected expected = Expected.TAG;
    private @Nullable FieldDescriptor field;
    private long number;
    private int shift;

    BoundedFields(InputStream encoded, Descriptor type, int most) {
        this.encoded = encoded;
        this.most = most;
        levels.push(new Level(type, Level.OPEN));
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        int count = encoded.read(bytes, offset, length);
        for (int at = offset; at < offset + count; ) {
            long payload = Math.min(payloadEnd - position, offset + count - at);
            if (payload > 0) {
                position += payload;
                at += (int) payload;
                weigh(packed ? payload : 0);
            } else {
                take(bytes[at++]);
            }
        }
        return count;
    }

    /** The parser goes by it: what is there it takes in one piece. */
    @Override
    public int available() throws IOException {
        return encoded.available();
    }

    private void take(byte next) {
        if (expected == Expected.TAG && shift == 0) {
            endLevels();
        }
        position++;
        number |= (next & 0x7fL) << shift;
        shift += 7;
        if (next >= 0) {
            int whole = (int) number; // as the parser cuts it
            number = 0;
            shift = 0;
            switch (expected) {
                case TAG -> tag(whole);
                case VALUE -> expected = Expected.TAG;
                case LENGTH -> length(whole);
            }
        }
    }

    private void endLevels() {
        while (levels.element().end() <= position) {
            levels.pop();
        }
    }

    private void tag(int tag) {
        Descriptor type = levels.element().type();
        field = type == null ? null : type.findFieldByNumber(WireFormat.getTagFieldNumber(tag));
        packed = false;
        switch (WireFormat.getTagWireType(tag)) {
            case WireFormat.WIRETYPE_VARINT -> expected = Expected.VALUE;
            case WireFormat.WIRETYPE_FIXED64 -> payloadEnd = position + Long.BYTES;
            case WireFormat.WIRETYPE_LENGTH_DELIMITED -> expected = Expected.LENGTH;
            case WireFormat.WIRETYPE_START_GROUP -> levels.push(new Level(null, Level.OPEN));
            case WireFormat.WIRETYPE_END_GROUP -> {
                endGroup();
                return;
            }
            case WireFormat.WIRETYPE_FIXED32 -> payloadEnd = position + Integer.BYTES;
            default -> {}
        }
        weigh(field == null ? UNKNOWN * PACKED_BYTES : PACKED_BYTES);
    }

    private void endGroup() {
        if (levels.element().type() == null) {
            levels.pop();
        }
    }

    private void length(int length) {
        expected = Expected.TAG;
        FieldDescriptor known = field;
        if (known != null && known.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
            levels.push(new Level(known.getMessageType(), position + length));
            return;
        }
        payloadEnd = position + length;
        packed = known != null && known.isPackable();
    }

    /** A packed byte weighs 1, a field as much as {@link #PACKED_BYTES} of them. */
    private void weigh(long more) {
        weight += more;
        if (weight > (long) most * PACKED_BYTES) {
            String description = "has more than " + most + " fields: send less in one request";
            throw Failures.of(FailureCode.LIMIT_EXCEEDED, "request " + description)
                    .field("request", description)
                    .info("limit", Integer.toString(most))
                    .build();
        }
    }
}
