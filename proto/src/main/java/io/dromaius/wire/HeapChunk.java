package io.dromaius.wire;

/** A thread's piece of heap through which tensors pass where grpc takes arrays only. */
final class HeapChunk {
    private static final int BYTES = 64 << 10;
    private static final ThreadLocal<byte[]> CHUNK = ThreadLocal.withInitial(() -> new byte[BYTES]);

    private HeapChunk() {}

    static byte[] get() {
        return CHUNK.get();
    }
}
