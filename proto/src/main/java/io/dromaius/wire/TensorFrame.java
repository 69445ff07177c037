package io.dromaius.wire;

import com.google.protobuf.Message;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A message whose payload is beside it in memory that the frame owns.
 *
 * <p>A frame has one owner. Sending it passes it to gRPC, which closes it when it is written or when its call ends; a
 * received frame is the receiver's to close. No view of the payload may be used after that.
 *
 * @param <M> a message with a {@code bytes} field number 15, its last: the payload
 */
public final class TensorFrame<M extends Message> implements AutoCloseable {
    private static final ByteBuffer NOTHING = ByteBuffer.allocateDirect(0);

    /** Payload and what frees it. */
    private record Owned(ByteBuffer bytes, Runnable release) {}

    private final M header;
    private final int payloadBytes;
    private final AtomicReference<@Nullable Owned> owned;

    private TensorFrame(M header, ByteBuffer payload, Runnable release) {
        this.header = header;
        this.payloadBytes = payload.remaining();
        this.owned = new AtomicReference<>(new Owned(payload, release));
    }

    /** A frame without payload. */
    public static <M extends Message> TensorFrame<M> of(M header) {
        return new TensorFrame<>(header, NOTHING, () -> {});
    }

    /** A frame that owns a pooled buffer. */
    public static <M extends Message> TensorFrame<M> of(M header, TensorBuffer payload) {
        return new TensorFrame<>(header, payload.bytes(), payload::close);
    }

    /**
     * A frame over the remaining bytes of other memory, which has to stay as it is until the frame is closed.
     *
     * @param header its payload field has to be empty
     * @param release called once, on whichever thread closes the frame
     */
    public static <M extends Message> TensorFrame<M> of(M header, ByteBuffer payload, Runnable release) {
        return new TensorFrame<>(header, payload.slice(), release);
    }

    /** The message with its payload field empty. */
    public M header() {
        return header;
    }

    public int payloadBytes() {
        return payloadBytes;
    }

    /**
     * A new view of the payload, little-endian.
     *
     * @throws IllegalStateException once closed
     */
    public ByteBuffer payload() {
        Owned open = owned.get();
        if (open == null) {
            throw new IllegalStateException("the frame is closed");
        }
        return open.bytes().duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }

    public boolean isClosed() {
        return owned.get() == null;
    }

    /** Frees the payload; later calls do nothing. Any thread. */
    @Override
    public void close() {
        Owned open = owned.getAndSet(null);
        if (open != null) {
            open.release().run();
        }
    }
}
