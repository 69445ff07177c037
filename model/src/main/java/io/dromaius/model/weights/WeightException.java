package io.dromaius.model.weights;

import java.nio.file.Path;

/** A checkpoint that cannot be used. The message names the file and, where one is to blame, the tensor. */
public final class WeightException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public WeightException(Path file, String problem) {
        super(file + ": " + problem);
    }

    public WeightException(Path file, String problem, Throwable cause) {
        super(file + ": " + problem, cause);
    }
}
