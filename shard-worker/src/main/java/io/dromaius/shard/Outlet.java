package io.dromaius.shard;

import io.dromaius.proto.internal.v1.ExecuteRequest;
import io.dromaius.proto.internal.v1.StageTiming;
import io.grpc.StatusRuntimeException;

/** Where a stage's output goes: to the next shard, or to the owner. An outlet that breaks says so to its listener, once. */
interface Outlet {
    /** Told, on any thread, that outputs get lost; not after {@link Outlet#close}. */
    interface Listener {
        void broken(StatusRuntimeException failure);
    }

    /**
     * Hands on one step. Takes the output over, also when the outlet is broken. Never waits. Compute thread.
     *
     * @param step the frame's header as it came in
     * @param blocksInUse KV blocks that this shard's sequences hold after the step
     */
    void handOn(ExecuteRequest step, StageOutput output, StageTiming timing, int blocksInUse);

    /** Runs the callback, once, when there is room for another step: at once, or later on another thread. */
    void whenReady(Runnable callback);

    /** No step follows. */
    void complete();

    /** Gives up what is not written yet. */
    void close(StatusRuntimeException reason);
}
