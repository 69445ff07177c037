package io.dromaius.cli.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dromaius.cli.CommandFailure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** A folder of checkpoints and of what the reference makes of them. */
public record GoldenSet(Path directory) {
    private static final ObjectMapper JSON = new ObjectMapper();

    public GoldenSet {
        for (String needed : new String[] {Model.PRETRAIN.folder(), Model.INSTRUCT.folder(), "cases"}) {
            if (!Files.isDirectory(directory.resolve(needed))) {
                throw new CommandFailure(
                        directory + " holds no folder " + needed,
                        "name a folder that holds emu-tiny/, emu-tiny-instruct/ and cases/");
            }
        }
    }

    Path checkpoint(Model model) {
        return directory.resolve(model.folder());
    }

    /** A file below {@code cases/}. */
    Path file(String name) {
        return directory.resolve("cases").resolve(name);
    }

    JsonNode json(String name) {
        Path file = present(name);
        try {
            return JSON.readTree(file.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    /** Every tensor of a file below {@code cases/}, by name, in the order of the file. */
    Map<String, GoldenTensor> tensors(String name) {
        return GoldenTensor.read(present(name));
    }

    /** A file below {@code cases/} that a stage cannot do without. */
    private Path present(String name) {
        Path file = file(name);
        if (!Files.exists(file)) {
            throw new MissingCasesException(directory.relativize(file).toString());
        }
        return file;
    }

    /** An input picture, by the name that cases use. */
    Path input(String name) {
        return file("inputs/" + name + ".png");
    }

    byte[] inputBytes(String name) {
        try {
            return Files.readAllBytes(input(name));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + input(name), e);
        }
    }
}
