package io.dromaius.coordinator.pipeline;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * What every message of a pipeline names, so that a stale one is refused.
 *
 * @param owner member id of the coordinator that drives it
 */
public record Incarnation(String pipeline, long epoch, String owner) {
    public Incarnation {
        checkArgument(!pipeline.isEmpty() && epoch > 0 && !owner.isEmpty(), "%s %s %s", pipeline, epoch, owner);
    }
}
