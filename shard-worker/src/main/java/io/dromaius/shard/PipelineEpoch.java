package io.dromaius.shard;

/**
 * What every frame has to name.
 *
 * @param owner incarnation of the coordinator that drives the pipeline
 */
record PipelineEpoch(String pipeline, long epoch, String owner) {
    PipelineEpoch {
        if (pipeline.isEmpty() || owner.isEmpty() || epoch <= 0) {
            throw new InvalidFrameException("pipeline, epoch and owner have to be named: '%s' epoch %d of '%s'"
                    .formatted(pipeline, epoch, owner));
        }
    }

    /** Whether a frame that names these three is meant for this epoch; spares the record on the hot path. */
    boolean matches(String pipeline, long epoch, String owner) {
        return this.epoch == epoch && this.pipeline.equals(pipeline) && this.owner.equals(owner);
    }

    @Override
    public String toString() {
        return pipeline + " epoch " + epoch + " of " + owner;
    }
}
