package io.dromaius.client;

import org.jspecify.annotations.Nullable;

/** The call was cancelled, from this side or by the cluster. */
public final class GenerationCancelledException extends EmuException {
    private static final long serialVersionUID = 1;

    GenerationCancelledException(FailureDetails details, @Nullable Throwable cause) {
        super(details, cause);
    }
}
