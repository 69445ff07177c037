package io.dromaius.encoder.media;

/** Bytes that are not the picture or video they should be, or one over a limit. The message follows the name of a field: "is empty". */
public final class MediaException extends Exception {

    private static final long serialVersionUID = 1L;

    public MediaException(String message) {
        super(message);
    }

    public MediaException(String message, Throwable cause) {
        super(message, cause);
    }
}
