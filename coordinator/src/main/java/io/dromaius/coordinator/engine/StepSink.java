package io.dromaius.coordinator.engine;

/** The engine's way out to the pipeline. Called on the loop thread; must not block. */
public interface StepSink {
    /** Sends the step to shard 0. Steps come in order; a pipeline that is broken reports that by its own event. */
    void send(StepPlan plan);

    /**
     * The engine has given the pipeline up by itself: a step got no result by its deadline, or a wrong one. Every
     * request has failed and nothing more will be sent. Not called for a loss that the owner reported.
     */
    void lost(String cause);
}
