package io.dromaius.coordinator.pipeline;

import java.util.Optional;

/** Where requests go. Any thread. */
public interface Pipelines {
    /**
     * The serving pipeline with the least to do; empty while none serves. The caller's request counts as its load from
     * now on, while its pictures are still being encoded, until it is {@linkplain ServingPipeline#release released}.
     */
    Optional<ServingPipeline> leastLoaded();
}
