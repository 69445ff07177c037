package io.dromaius.cli.conformance;

/** A set does not hold the cases of a stage. */
final class MissingCasesException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String what;

    /** The set lacks {@code what}, a path inside it. */
    MissingCasesException(String what) {
        super("the set lacks " + what);
        this.what = what;
    }

    String what() {
        return what;
    }
}
