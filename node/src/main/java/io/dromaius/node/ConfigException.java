package io.dromaius.node;

/** The configuration cannot be used; the message names the key, its source and what is wrong, for a human. */
public final class ConfigException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ConfigException(String message) {
        super(message);
    }

    public ConfigException(String message, Throwable cause) {
        super(message, cause);
    }
}
