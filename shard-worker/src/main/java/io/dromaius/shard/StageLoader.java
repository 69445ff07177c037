package io.dromaius.shard;

/** Brings stages of one model onto this process' device. Used by the compute thread alone. */
public interface StageLoader extends AutoCloseable {
    /** Layers of the whole model. Any thread. */
    int modelLayers();

    /**
     * The stage for a layout. It takes the place of the one before, which must not be used any more; what both have in
     * common stays where it is. KV pages hold anything.
     *
     * @throws io.grpc.StatusRuntimeException OUT_OF_MEMORY if the device cannot hold it, BAD_CHECKPOINT if the weights
     *     are damaged, UNSUPPORTED if it cannot compute as the layout says
     */
    Stage load(StageLayout layout);

    /** Frees the stage loaded last. */
    @Override
    void close();
}
