package io.dromaius.model;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.StreamSupport;

/**
 * The reference's own numbers, in the folder that {@code -Dgolden.dir} names. Without it golden tests are skipped, or fail when
 * {@code -Dgolden.required=true}.
 */
public final class Golden {

    private static final ObjectMapper JSON = new ObjectMapper();

    private Golden() {}

    /** A file or folder of the golden set. */
    public static Path path(String relative) {
        String directory = System.getProperty("golden.dir", "");
        if (directory.isBlank()) {
            if (Boolean.getBoolean("golden.required")) {
                fail("golden.required is true but golden.dir is not set");
            }
            assumeTrue(false, "golden.dir is not set");
        }
        Path path = Path.of(directory, relative);
        if (!Files.exists(path)) {
            fail("the golden set has no " + relative);
        }
        return path;
    }

    public static JsonNode json(String relative) {
        try {
            return JSON.readTree(path(relative).toFile());
        } catch (IOException e) {
            throw new AssertionError("cannot read " + relative, e);
        }
    }

    public static int[] ints(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .mapToInt(JsonNode::asInt)
                .toArray();
    }
}
