package io.dromaius.coordinator.pipeline;

/** What is counted of steps. Any thread. */
public interface StepMetrics {
    /** One step came back; the time runs from its sending. */
    void step(String pipeline, double seconds);

    /** A stage computed a step. */
    void stage(String member, double computeSeconds, double waitSeconds);
}
