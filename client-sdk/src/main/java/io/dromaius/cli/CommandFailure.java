package io.dromaius.cli;

import org.jspecify.annotations.Nullable;

/** A command cannot do what it was asked. The message says what is wrong, the next step what to do about it. */
public final class CommandFailure extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String nextStep;

    public CommandFailure(String message, String nextStep) {
        this(message, nextStep, null);
    }

    public CommandFailure(String message, String nextStep, @Nullable Throwable cause) {
        super(message, cause);
        this.nextStep = nextStep;
    }

    public String nextStep() {
        return nextStep;
    }
}
