package io.dromaius.client;

import org.jspecify.annotations.Nullable;

/** The cluster does not serve the model that the request names. */
public final class ModelNotFoundException extends EmuException {
    private static final long serialVersionUID = 1;

    ModelNotFoundException(FailureDetails details, @Nullable Throwable cause) {
        super(details, cause);
    }
}
