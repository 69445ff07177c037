package io.dromaius.wire;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.google.protobuf.Message;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * A message whose payload is beside it in memory that the frame owns.
 *
 * <p>A frame has one owner. Sending it passes it to gRPC, which closes it when it is written or when its call ends; a
 * received frame is the receiver's to close. No view of the payload may be used after that.
 *
 * <p>A call may end, and close its frames, while another thread still copies one to it. Whoever reads a frame that is not
 * its own therefore holds it meanwhile, and the payload is freed when the frame is closed and held no more. Nobody waits
 * for the other, and no lock is held while bytes are copied or freed.
 *
 * @param <M> a message with a {@code bytes} field number 15, its last: the payload
 */
public final class TensorFrame<M extends Message> implements AutoCloseable {
    private static final ByteBuffer NOTHING = ByteBuffer.allocateDirect(0);

    /** Payload and what frees it. */
    private record Owned(ByteBuffer bytes, Runnable release) {
        ByteBuffer view() {
            return bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        }
    }

    private final M header;
    private final int payloadBytes;
    private final Object lock = new Object();

    /** Null once it is freed. */
    @GuardedBy("lock")
    private @Nullable Owned owned;

    @GuardedBy("lock")
    private int holds;

    @GuardedBy("lock")
    private boolean closed;

    private TensorFrame(M header, ByteBuffer payload, Runnable release) {
        this.header = header;
        this.payloadBytes = payload.remaining();
        this.owned = new Owned(payload, release);
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
     * @param release called once, on whichever thread closes the frame or is the last to hold it
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
        synchronized (lock) {
            if (closed || owned == null) {
                throw new IllegalStateException("the frame is closed");
            }
            return owned.view();
        }
    }

    public boolean isClosed() {
        synchronized (lock) {
            return closed;
        }
    }

    /**
     * A new view of the payload that may be used until {@link #letGo}, though the frame be closed before; null once the
     * payload is freed, and then there is nothing to let go of. Any thread.
     */
    @Nullable
    ByteBuffer hold() {
        synchronized (lock) {
            if (owned == null) {
                return null;
            }
            holds++;
            return owned.view();
        }
    }

    /** Ends one {@link #hold}. */
    void letGo() {
        synchronized (lock) {
            holds--;
        }
        freeIfDone();
    }

    /** Frees the payload, or has the last who holds it do so; later calls do nothing. Any thread. */
    @Override
    public void close() {
        synchronized (lock) {
            closed = true;
        }
        freeIfDone();
    }

    private void freeIfDone() {
        Owned done;
        synchronized (lock) {
            if (!closed || holds > 0) {
                return;
            }
            done = owned;
            owned = null;
        }
        if (done != null) {
            done.release().run();
        }
    }
}
