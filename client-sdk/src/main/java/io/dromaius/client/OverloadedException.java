package io.dromaius.client;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The cluster has as much work as it admits. Try again after {@link #retryAfter()}, or elsewhere. */
public final class OverloadedException extends EmuException {
    private static final long serialVersionUID = 1;

    OverloadedException(FailureDetails details, @Nullable Throwable cause) {
        super(details, cause);
    }

    /** The limit that was reached, as the cluster puts it. */
    public Optional<String> limit() {
        return details().limit();
    }
}
