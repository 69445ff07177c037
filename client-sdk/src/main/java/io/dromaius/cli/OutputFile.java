package io.dromaius.cli;

import java.nio.file.Files;
import java.nio.file.Path;

/** Files that a command writes when its work is done. */
final class OutputFile {
    private OutputFile() {}

    /**
     * Refuses, before the work begins, a file that could not be written once it is done.
     *
     * @param what is written, as in "no picture can be written"
     */
    static Path writable(Path file, String what) {
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null || Files.isDirectory(file) || !Files.isWritable(folder)) {
            throw new CommandFailure(
                    "no " + what + " can be written to " + file, "give --output a file in a folder that is there");
        }
        return file;
    }
}
