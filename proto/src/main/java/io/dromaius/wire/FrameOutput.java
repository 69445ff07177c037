package io.dromaius.wire;

import com.google.protobuf.CodedOutputStream;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/**
 * A frame's encoded bytes: the header's fields, then the payload's tag, length and bytes.
 *
 * <p>grpc drains it, and only then is the frame closed: a call that is not connected yet does so later and on another
 * thread. In-process transports read it instead. Either way the payload is looked for when its bytes are wanted and held
 * while they are copied, because the call may end at any time; of a frame that is closed by then there is an IOException
 * instead of bytes, from which grpc cancels the call.
 */
final class FrameOutput extends InputStream implements Drainable, KnownLength {
    private static final int PAYLOAD_TAG = TensorFrameMarshaller.PAYLOAD_FIELD << 3 | 2;

    private final TensorFrame<?> frame;
    private final ByteBuffer head;
    /** Bytes of the payload that are read. */
    private int position;

    FrameOutput(TensorFrame<?> frame) {
        this.frame = frame;
        this.head = head(frame);
    }

    private static ByteBuffer head(TensorFrame<?> frame) {
        int length = frame.payloadBytes();
        int headerSize = frame.header().getSerializedSize();
        int tagSize = length == 0 ? 0 : 1 + CodedOutputStream.computeUInt32SizeNoTag(length);
        byte[] bytes = new byte[headerSize + tagSize];
        try {
            CodedOutputStream out = CodedOutputStream.newInstance(bytes);
            frame.header().writeTo(out);
            if (length > 0) {
                out.writeUInt32NoTag(PAYLOAD_TAG);
                out.writeUInt32NoTag(length);
            }
            out.checkNoSpaceLeft();
        } catch (IOException e) {
            throw new IllegalStateException("a message is larger than it said", e);
        }
        return ByteBuffer.wrap(bytes);
    }

    @Override
    public int drainTo(OutputStream target) throws IOException {
        int total = available();
        try {
            ByteBuffer payload = hold();
            try {
                copy(payload, target);
            } finally {
                frame.letGo();
            }
            return total;
        } finally {
            frame.close();
        }
    }

    private void copy(ByteBuffer payload, OutputStream target) throws IOException {
        target.write(head.array(), head.position(), head.remaining());
        head.position(head.limit());
        byte[] chunk = HeapChunk.get();
        while (payload.hasRemaining()) {
            int count = Math.min(chunk.length, payload.remaining());
            payload.get(chunk, 0, count);
            target.write(chunk, 0, count);
        }
        position = payload.position();
    }

    /** What is left of the payload, to be let go of. */
    private ByteBuffer hold() throws IOException {
        ByteBuffer payload = frame.hold();
        if (payload == null) {
            throw new IOException("the frame was closed before it was sent");
        }
        return payload.position(position);
    }

    @Override
    public int available() {
        return head.remaining() + frame.payloadBytes() - position;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (head.hasRemaining()) {
            return read(head, target, offset, length);
        }
        if (position == frame.payloadBytes()) {
            return -1;
        }
        ByteBuffer payload = hold();
        try {
            int count = read(payload, target, offset, length);
            position += count;
            return count;
        } finally {
            frame.letGo();
        }
    }

    private static int read(ByteBuffer source, byte[] target, int offset, int length) {
        int count = Math.min(length, source.remaining());
        source.get(target, offset, count);
        return count;
    }

    @Override
    public void close() {
        frame.close();
    }
}
