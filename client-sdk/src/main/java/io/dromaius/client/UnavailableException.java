package io.dromaius.client;

import org.jspecify.annotations.Nullable;

/** No coordinator or no pipeline could take the call, or it was lost before its first event. Nothing was delivered. */
public final class UnavailableException extends EmuException {
    private static final long serialVersionUID = 1;

    UnavailableException(FailureDetails details, @Nullable Throwable cause) {
        super(details, cause);
    }
}
