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
 * thread. In-process transports read it instead.
 */
final class FrameOutput extends InputStream implements Drainable, KnownLength {
    private static final int PAYLOAD_TAG = TensorFrameMarshaller.PAYLOAD_FIELD << 3 | 2;

    private final TensorFrame<?> frame;
    private final ByteBuffer head;
    private final ByteBuffer payload;

    FrameOutput(TensorFrame<?> frame) {
        this.frame = frame;
        this.head = head(frame);
        this.payload = frame.payload();
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
            target.write(head.array(), head.position(), head.remaining());
            head.position(head.limit());
            byte[] chunk = HeapChunk.get();
            while (payload.hasRemaining()) {
                int count = Math.min(chunk.length, payload.remaining());
                payload.get(chunk, 0, count);
                target.write(chunk, 0, count);
            }
            return total;
        } finally {
            frame.close();
        }
    }

    @Override
    public int available() {
        return head.remaining() + payload.remaining();
    }

    @Override
    public int read() {
        if (head.hasRemaining()) {
            return head.get() & 0xff;
        }
        return payload.hasRemaining() ? payload.get() & 0xff : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
        if (length == 0) {
            return 0;
        }
        ByteBuffer source = head.hasRemaining() ? head : payload;
        if (!source.hasRemaining()) {
            return -1;
        }
        int count = Math.min(length, source.remaining());
        source.get(target, offset, count);
        return count;
    }

    @Override
    public void close() {
        frame.close();
    }
}
