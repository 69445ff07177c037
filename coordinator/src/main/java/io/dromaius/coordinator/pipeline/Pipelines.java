package io.dromaius.coordinator.pipeline;

import java.util.Optional;

/** Where requests go. Any thread. */
public interface Pipelines {
    /** The serving pipeline with the least to do; empty while none serves. */
    Optional<ServingPipeline> leastLoaded();
}
