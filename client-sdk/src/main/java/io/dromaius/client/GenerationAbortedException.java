package io.dromaius.client;

import org.jspecify.annotations.Nullable;

/** The pipeline was lost after events had been delivered. The call may be made again, and begins anew. */
public final class GenerationAbortedException extends EmuException {
    private static final long serialVersionUID = 1;

    GenerationAbortedException(FailureDetails details, @Nullable Throwable cause) {
        super(details, cause);
    }
}
