package io.dromaius.wire;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A direct buffer lent by a pool, with one owner: whoever holds it closes it, or passes it on and forgets it. No view
 * of it may be used once it is closed.
 */
public final class TensorBuffer implements AutoCloseable {
    private final TensorBuffers pool;
    private final AtomicReference<@Nullable ByteBuffer> memory;
    private final int size;

    TensorBuffer(TensorBuffers pool, ByteBuffer memory, int size) {
        this.pool = pool;
        this.memory = new AtomicReference<>(memory);
        this.size = size;
    }

    /**
     * A new view of all the bytes, little-endian.
     *
     * @throws IllegalStateException once closed
     */
    public ByteBuffer bytes() {
        ByteBuffer open = memory.get();
        if (open == null) {
            throw new IllegalStateException("the tensor buffer is closed");
        }
        return open.slice(0, size).order(ByteOrder.LITTLE_ENDIAN);
    }

    public int size() {
        return size;
    }

    /** Gives the memory back to the pool; later calls do nothing. Any thread. */
    @Override
    public void close() {
        ByteBuffer open = memory.getAndSet(null);
        if (open != null) {
            pool.takeBack(open);
        }
    }
}
