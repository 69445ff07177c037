package io.dromaius.coordinator.pipeline;

import io.dromaius.node.rpc.Failures;
import io.grpc.Status;
import java.util.Optional;

/** Finds the shard that a failed call was lost with, and what the call said of it. */
final class Blame {
    private Blame() {}

    /** What a failed call says, for people. */
    static String words(Throwable failure) {
        Status status = Status.fromThrowable(failure);
        return status.getDescription() == null ? status.getCode().name() : status.getDescription();
    }

    /**
     * The shard that the failure names. A failure in a shard's own words that names none means none that is known; a
     * connection that breaks without a word is the end of the shard that was called.
     */
    static Optional<String> of(Throwable failure, String called) {
        if (Failures.codeOf(failure).isPresent()) {
            return Failures.infoOf(failure, "member");
        }
        boolean gone = Status.fromThrowable(failure).getCode() == Status.Code.UNAVAILABLE;
        return gone ? Optional.of(called) : Optional.empty();
    }
}
