package io.dromaius.model.llama;

/** A stage that is to be batch invariant cannot be: here the library sums a row otherwise beside other rows. */
public final class NotInvariantException extends RuntimeException {
    NotInvariantException(String message) {
        super(message);
    }
}
