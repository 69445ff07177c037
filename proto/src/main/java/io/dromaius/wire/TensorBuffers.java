package io.dromaius.wire;

import java.nio.ByteBuffer;
import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A pool of direct buffers for tensors. Any thread.
 *
 * <p>Capacities are powers of two and three steps between, so at most a fifth of a buffer above the smallest is unused. Buffers that come back are
 * kept up to a total; beyond it they are left to the garbage collector, as is a buffer that is never given back.
 */
public final class TensorBuffers {
    /** Kernels read aligned memory faster; a cache line is also the widest vector register. */
    private static final int ALIGNMENT = 64;

    private static final int SMALLEST_SHIFT = 12;
    private static final int LARGEST_SHIFT = 30;
    private static final int STEPS = 4;
    private static final TensorBuffers SHARED = new TensorBuffers(256L << 20);

    private final long mostPooledBytes;
    private final AtomicLong pooledBytes = new AtomicLong();
    private final AtomicLong leasedBytes = new AtomicLong();
    private final AtomicLong leased = new AtomicLong();
    private final Deque<ByteBuffer>[] free;

    public TensorBuffers(long mostPooledBytes) {
        this.mostPooledBytes = mostPooledBytes;
        @SuppressWarnings({"unchecked", "rawtypes"}) // there is no array of a generic type
        Deque<ByteBuffer>[] lists = new Deque[(LARGEST_SHIFT - SMALLEST_SHIFT) * STEPS + 1];
        for (int i = 0; i < lists.length; i++) {
            lists[i] = new ConcurrentLinkedDeque<>();
        }
        this.free = lists;
    }

    /** The pool that incoming frames of this process come from. */
    public static TensorBuffers shared() {
        return SHARED;
    }

    /**
     * Lends a buffer of exactly this many bytes with whatever content. The caller owns it and closes it.
     *
     * @throws IllegalArgumentException below 0 or above 1 GiB
     */
    public TensorBuffer lend(int bytes) {
        if (bytes < 0 || bytes > 1 << LARGEST_SHIFT) {
            throw new IllegalArgumentException("no tensor buffer has " + bytes + " bytes");
        }
        int sizeClass = sizeClass(bytes);
        ByteBuffer memory = free[sizeClass].pollFirst();
        if (memory == null) {
            memory = allocate(capacity(sizeClass));
        } else {
            pooledBytes.addAndGet(-memory.capacity());
        }
        leased.incrementAndGet();
        leasedBytes.addAndGet(memory.capacity());
        return new TensorBuffer(this, memory, bytes);
    }

    void takeBack(ByteBuffer memory) {
        leased.decrementAndGet();
        leasedBytes.addAndGet(-memory.capacity());
        if (pooledBytes.addAndGet(memory.capacity()) <= mostPooledBytes) {
            free[sizeClass(memory.capacity())].addFirst(memory);
        } else {
            pooledBytes.addAndGet(-memory.capacity());
        }
    }

    /** Buffers lent and not given back. */
    public long leased() {
        return leased.get();
    }

    /** Capacity of the buffers lent and not given back. */
    public long leasedBytes() {
        return leasedBytes.get();
    }

    /** Capacity of the buffers at rest in the pool. */
    public long pooledBytes() {
        return pooledBytes.get();
    }

    private static ByteBuffer allocate(int capacity) {
        return ByteBuffer.allocateDirect(capacity + ALIGNMENT)
                .alignedSlice(ALIGNMENT)
                .slice(0, capacity);
    }

    /** Index of the smallest capacity that holds this many bytes. */
    private static int sizeClass(int bytes) {
        if (bytes <= 1 << SMALLEST_SHIFT) {
            return 0;
        }
        int shift = 31 - Integer.numberOfLeadingZeros(bytes - 1);
        int step = 1 << (shift - 2);
        return (shift - SMALLEST_SHIFT) * STEPS + (bytes - (1 << shift) + step - 1) / step;
    }

    private static int capacity(int sizeClass) {
        int octave = 1 << (SMALLEST_SHIFT + sizeClass / STEPS);
        return octave + sizeClass % STEPS * (octave / STEPS);
    }
}
