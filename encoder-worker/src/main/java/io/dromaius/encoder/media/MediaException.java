package io.dromaius.encoder.media;

/** Bytes that are not the picture or video they should be, or one over a limit. */
public final class MediaException extends Exception {

    private static final long serialVersionUID = 1L;

    private final String reason;

    public MediaException(String reason) {
        super(reason);
        this.reason = reason;
    }

    public MediaException(String reason, Throwable cause) {
        super(reason, cause);
        this.reason = reason;
    }

    /** What is wrong, as it follows the name of a field: "is empty". */
    public String reason() {
        return reason;
    }
}
