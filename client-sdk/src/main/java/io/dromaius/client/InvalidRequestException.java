package io.dromaius.client;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The request is wrong and will be wrong again: see which field. */
public final class InvalidRequestException extends EmuException {
    private static final long serialVersionUID = 1;

    InvalidRequestException(FailureDetails details, @Nullable Throwable cause) {
        super(details, cause);
    }

    /** Path of the first offending field within the request, such as {@code text.num_beams}. */
    public Optional<String> field() {
        return violations().stream().map(FieldViolation::field).findFirst();
    }

    /** Everything that is wrong with the request. */
    public List<FieldViolation> violations() {
        return details().violations();
    }
}
