package io.dromaius.wire;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import io.grpc.HasByteBuffer;
import io.grpc.KnownLength;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Splits an encoded message into its payload, which goes into a pooled buffer, and all its other fields, which are kept
 * as they are encoded. Fields may come in any order; of several payloads the last counts, as protobuf has it.
 *
 * <p>Closing frees a payload that was not taken. The stream stays open.
 */
final class FrameInput implements AutoCloseable {
    /** The most bytes that a payload of unknown surroundings may claim; grpc's own limit has let no more in. */
    private static final int MOST_BYTES = 64 << 20;

    private static final int LONGEST_VARINT = 10;

    private final InputStream stream;
    private final TensorBuffers buffers;
    private byte[] header = new byte[256];
    private int headerSize;
    private @Nullable TensorBuffer payload;

    FrameInput(InputStream stream, TensorBuffers buffers) {
        this.stream = stream;
        this.buffers = buffers;
    }

    void readAll() throws IOException {
        int depth = 0;
        for (int first = stream.read(); first >= 0; first = stream.read()) {
            int start = headerSize;
            long tag = readVarint(first);
            int wireType = (int) tag & 7;
            if (depth == 0
                    && tag == (TensorFrameMarshaller.PAYLOAD_FIELD << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED)) {
                headerSize = start;
                readPayload();
                continue;
            }
            switch (wireType) {
                case WireFormat.WIRETYPE_VARINT -> readVarint(stream.read());
                case WireFormat.WIRETYPE_FIXED64 -> copy(Long.BYTES);
                case WireFormat.WIRETYPE_LENGTH_DELIMITED -> copy(checkedLength(readVarint(stream.read())));
                case WireFormat.WIRETYPE_START_GROUP -> depth++;
                case WireFormat.WIRETYPE_END_GROUP -> depth--;
                case WireFormat.WIRETYPE_FIXED32 -> copy(Integer.BYTES);
                default -> throw new InvalidProtocolBufferException("no wire type is " + wireType);
            }
        }
    }

    /** All fields but the payload, encoded. */
    CodedInputStream header() {
        return CodedInputStream.newInstance(header, 0, headerSize);
    }

    /** The payload, now the caller's; empty when the message has none, or one of no bytes. */
    Optional<TensorBuffer> takePayload() {
        Optional<TensorBuffer> taken = Optional.ofNullable(payload);
        payload = null;
        return taken;
    }

    @Override
    public void close() {
        if (payload != null) {
            payload.close();
            payload = null;
        }
    }

    private void readPayload() throws IOException {
        close();
        int mark = headerSize;
        int length = checkedLength(readVarint(stream.read()));
        headerSize = mark;
        if (length > 0) {
            payload = buffers.lend(length);
            fill(payload.bytes());
        }
    }

    private void fill(ByteBuffer target) throws IOException {
        if (stream instanceof HasByteBuffer source && source.byteBufferSupported()) {
            while (target.hasRemaining()) {
                ByteBuffer piece = source.getByteBuffer();
                if (piece == null || !piece.hasRemaining()) {
                    throw new EOFException("the message ends within its payload");
                }
                int count = Math.min(piece.remaining(), target.remaining());
                target.put(piece.slice(piece.position(), count));
                stream.skipNBytes(count);
            }
        } else {
            byte[] chunk = HeapChunk.get();
            while (target.hasRemaining()) {
                int count = stream.read(chunk, 0, Math.min(chunk.length, target.remaining()));
                if (count < 0) {
                    throw new EOFException("the message ends within its payload");
                }
                target.put(chunk, 0, count);
            }
        }
    }

    /** A length that the rest of the message can hold. */
    private int checkedLength(long length) throws IOException {
        int most = stream instanceof KnownLength ? stream.available() : MOST_BYTES;
        if (length < 0 || length > most) {
            throw new InvalidProtocolBufferException("a field of " + Long.toUnsignedString(length)
                    + " bytes in a message that has at most " + most + " more");
        }
        return (int) length;
    }

    /** Copies a varint, whose first byte is already read, to the header, and returns its value. */
    private long readVarint(int first) throws IOException {
        long value = 0;
        int next = first;
        for (int i = 0; i < LONGEST_VARINT; i++) {
            if (next < 0) {
                throw new EOFException("the message ends within a number");
            }
            reserve(1);
            header[headerSize++] = (byte) next;
            value |= (long) (next & 0x7f) << (7 * i);
            if ((next & 0x80) == 0) {
                return value;
            }
            next = i + 1 < LONGEST_VARINT ? stream.read() : next;
        }
        throw new InvalidProtocolBufferException("a number of more than ten bytes");
    }

    private void copy(int length) throws IOException {
        reserve(length);
        if (stream.readNBytes(header, headerSize, length) < length) {
            throw new EOFException("the message ends within a field");
        }
        headerSize += length;
    }

    private void reserve(int length) {
        if (header.length - headerSize < length) {
            header = Arrays.copyOf(header, Math.max(2 * header.length, headerSize + length));
        }
    }
}
