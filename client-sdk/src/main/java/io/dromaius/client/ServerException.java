package io.dromaius.client;

import org.jspecify.annotations.Nullable;

/** The cluster failed in a way that the caller can do nothing about, or broke its protocol. */
public final class ServerException extends EmuException {
    private static final long serialVersionUID = 1;

    ServerException(FailureDetails details, @Nullable Throwable cause) {
        super(details, cause);
    }
}
