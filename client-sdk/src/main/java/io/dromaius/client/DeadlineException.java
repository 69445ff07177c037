package io.dromaius.client;

import org.jspecify.annotations.Nullable;

/** The call took longer than its deadline allows. */
public final class DeadlineException extends EmuException {
    private static final long serialVersionUID = 1;

    DeadlineException(FailureDetails details, @Nullable Throwable cause) {
        super(details, cause);
    }
}
