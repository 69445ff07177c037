package io.dromaius.model.diffusion;

/** A picture that cannot be had because what the model computed for it is not finite: an overflow, or damaged weights. */
public final class NotFiniteException extends ArithmeticException {
    private static final long serialVersionUID = 1;

    private final String what;

    NotFiniteException(String what) {
        super(what);
        this.what = what;
    }

    /** Says what is not finite. */
    public String what() {
        return what;
    }
}
