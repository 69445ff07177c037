package io.dromaius.model.spec;

import java.nio.file.Path;

/** A checkpoint that cannot be used. The message names the file and, where one is to blame, the tensor. */
public final class CheckpointException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public CheckpointException(Path file, String problem) {
        super(file + ": " + problem);
    }

    public CheckpointException(Path file, String problem, Throwable cause) {
        super(file + ": " + problem, cause);
    }
}
