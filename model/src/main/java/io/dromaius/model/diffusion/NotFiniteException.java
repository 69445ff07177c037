package io.dromaius.model.diffusion;

/** A picture that cannot be had because what the model computed for it is not finite: an overflow, or damaged weights. */
public final class NotFiniteException extends ArithmeticException {
    private static final long serialVersionUID = 1;

    NotFiniteException(String message) {
        super(message);
    }
}
