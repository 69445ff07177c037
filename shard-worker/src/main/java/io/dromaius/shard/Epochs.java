package io.dromaius.shard;

import io.dromaius.node.rpc.FailureCode;
import io.dromaius.node.rpc.Failures;
import io.grpc.StatusRuntimeException;
import org.jspecify.annotations.Nullable;

/**
 * Which epoch may be loaded and which is served. Epochs of all pipelines are compared with each other: a shard has a place in
 * one pipeline at a time, and an epoch is given out higher than any that its members have seen. Not thread-safe.
 */
final class Epochs {
    private final String member;
    private @Nullable PipelineEpoch current;
    private long highest;

    /** @param member this process, for messages */
    Epochs(String member) {
        this.member = member;
    }

    /** The highest epoch seen; 0 before the first. */
    long highest() {
        return highest;
    }

    /**
     * Lets an epoch in that is higher than all before, or the one in force once more: its owner may start it afresh.
     *
     * @throws StatusRuntimeException STALE_EPOCH otherwise
     */
    void enter(PipelineEpoch epoch) {
        if (epoch.epoch() <= highest && !epoch.equals(current)) {
            throw stale(epoch.toString());
        }
        current = epoch;
        highest = epoch.epoch();
    }

    /**
     * Lets a frame pass that names the epoch in force.
     *
     * @throws StatusRuntimeException STALE_EPOCH otherwise
     */
    void check(String pipeline, long epoch, String owner) {
        if (current == null || !current.matches(pipeline, epoch, owner)) {
            throw stale(pipeline + " epoch " + Long.toUnsignedString(epoch) + " of " + owner);
        }
    }

    /** No frame passes until the next epoch is entered, which has to be a higher one. */
    void leave() {
        current = null;
    }

    private StatusRuntimeException stale(String named) {
        String inForce = current == null ? "none" : current.toString();
        return Failures.of(FailureCode.STALE_EPOCH, named + " is not in force here; " + inForce + " is")
                .info("expected_epoch", Long.toString(highest))
                .info("shard", member)
                .build();
    }
}
