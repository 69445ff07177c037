package io.dromaius.model.spec;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** The configuration file of one diffusion folder. What it asks for and we do not do is refused, with the file named. */
final class ComponentConfig {
    private final Path file;
    private final JsonNode root;

    private ComponentConfig(Path file, JsonNode root) {
        this.file = file;
        this.root = root;
    }

    static ComponentConfig read(Path file) {
        try {
            return new ComponentConfig(file, new ObjectMapper().readTree(file.toFile()));
        } catch (IOException e) {
            throw new CheckpointException(file, "cannot be read: " + IoReason.of(e), e);
        }
    }

    /** A nested object; an empty one if there is none. */
    ComponentConfig at(String key) {
        return new ComponentConfig(file, root.path(key));
    }

    boolean has(String key) {
        return root.hasNonNull(key);
    }

    int integer(String key, int byDefault) {
        return has(key) ? root.get(key).asInt() : byDefault;
    }

    double number(String key, double byDefault) {
        return has(key) ? root.get(key).asDouble() : byDefault;
    }

    boolean flag(String key, boolean byDefault) {
        return has(key) ? root.get(key).asBoolean() : byDefault;
    }

    String text(String key, String byDefault) {
        return has(key) ? root.get(key).asText() : byDefault;
    }

    /** A list of integers, or a single one repeated. */
    List<Integer> integers(String key, int count, int byDefault) {
        List<Integer> values = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            values.add(root.path(key).isArray() ? root.get(key).path(i).asInt() : integer(key, byDefault));
        }
        return values;
    }

    List<Integer> integers(String key) {
        return integers(key, root.path(key).size(), 0);
    }

    List<String> texts(String key) {
        List<String> values = new ArrayList<>();
        root.path(key).forEach(value -> values.add(value.asText()));
        return values;
    }

    /** Whether the key holds a list, and nothing but null in it. */
    boolean isListOfNulls(String key) {
        JsonNode list = root.path(key);
        boolean nulls = list.isArray() && !list.isEmpty();
        for (JsonNode value : list) {
            nulls &= value.isNull();
        }
        return nulls;
    }

    /** Refuses every value but one; absence and null mean that one. */
    void require(String key, String wanted) {
        String value = text(key, wanted);
        if (!value.equals(wanted)) {
            throw refused(key + " must be " + wanted + ", not " + value);
        }
    }

    /** Refuses every value but one; absence and null mean that one. */
    void require(String key, int wanted) {
        double value = number(key, wanted);
        if (value != wanted) {
            throw refused(key + " must be " + wanted + ", not " + value);
        }
    }

    /** What the file describes; numbers that make no sense together are refused. */
    <T> T describe(Supplier<T> spec) {
        try {
            return spec.get();
        } catch (IllegalArgumentException e) {
            throw new CheckpointException(file, "describes no network: " + e.getMessage(), e);
        }
    }

    CheckpointException refused(String reason) {
        return new CheckpointException(file, reason);
    }
}
