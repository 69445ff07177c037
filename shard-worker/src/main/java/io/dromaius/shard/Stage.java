package io.dromaius.shard;

import java.nio.ByteBuffer;

/** The layers of one stage on their device, with the pages of their KV blocks. Used by the compute thread alone. */
public interface Stage extends AutoCloseable {
    StageSpec spec();

    /**
     * Runs one step: block copies, layers, and on the last stage the heads.
     *
     * @param payload in the stage's dtype, little-endian: on the first stage the step's input vectors [vectors, hidden], else the
     *     hidden states [rows, hidden]. Direct; valid during the call only.
     */
    StageOutput execute(Step step, ByteBuffer payload);

    /** Measured time of one layer at one row. */
    double layerMillis();

    /** Bytes of weights used where they lie in the checkpoint's files. */
    long mappedBytes();

    /** Bytes of weights that had to be copied: merged, converted, or moved to a device. */
    long copiedBytes();

    /** Bytes of the KV pages. */
    long kvBytes();

    /** Bytes of second copies of what sequences share, made and dropped by the steps. */
    long packedBytes();

    @Override
    void close();
}
