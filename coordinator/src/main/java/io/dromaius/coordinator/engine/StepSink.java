package io.dromaius.coordinator.engine;

/** The engine's way out to the pipeline. Called on the loop thread; must not block. */
public interface StepSink {
    /** Sends the step to shard 0. Steps come in order; a pipeline that is broken reports that by its own event. */
    void send(StepPlan plan);

    /**
     * No result of {@code step} came by its deadline. The engine has given the pipeline up: every request has failed
     * and nothing more will be sent.
     */
    void overdue(long step);
}
