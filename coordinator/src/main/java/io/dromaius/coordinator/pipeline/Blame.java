package io.dromaius.coordinator.pipeline;

import io.dromaius.node.rpc.Failures;
import io.grpc.Status;
import java.util.Optional;

/** Finds the shard that a failed call was lost with. */
final class Blame {
    private Blame() {}

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
