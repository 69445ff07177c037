package io.dromaius.coordinator.placement;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * What the operator says about placement.
 *
 * @param shardsPerPipeline shards of every pipeline; 0 means the fewest whose memory holds the model
 * @param maxPipelines most pipelines; 0 means as many as fit
 */
public record PlacementSettings(int shardsPerPipeline, int maxPipelines) {
    public PlacementSettings {
        checkArgument(shardsPerPipeline >= 0, "shardsPerPipeline: %s", shardsPerPipeline);
        checkArgument(maxPipelines >= 0, "maxPipelines: %s", maxPipelines);
    }
}
