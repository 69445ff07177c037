package io.dromaius.shard;

import com.google.errorprone.annotations.FormatMethod;

/** A frame contradicts itself, its stage or the steps before it. It ends its stream with INVALID_ARGUMENT. */
final class InvalidFrameException extends IllegalArgumentException {
    InvalidFrameException(String message) {
        super(message);
    }

    @FormatMethod
    static void check(boolean holds, String otherwise, Object... args) {
        if (!holds) {
            throw new InvalidFrameException(otherwise.formatted(args));
        }
    }
}
