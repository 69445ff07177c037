package io.dromaius.cli.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** Lists out of JSON. */
final class Json {
    private Json() {}

    static List<String> strings(JsonNode array) {
        List<String> strings = new ArrayList<>();
        array.forEach(element -> strings.add(element.asText()));
        return strings;
    }

    /** A string, or a list of them. */
    static List<String> oneOrMore(JsonNode value) {
        return value.isArray() ? strings(value) : List.of(value.asText());
    }

    static List<Integer> ints(JsonNode array) {
        List<Integer> ints = new ArrayList<>();
        array.forEach(element -> ints.add(element.asInt()));
        return ints;
    }

    /** A size of one case, or of all. */
    static int size(JsonNode one, JsonNode all, String name) {
        return one.has(name) ? one.get(name).asInt() : all.get(name).asInt();
    }

    static float[] floats(JsonNode array) {
        float[] floats = new float[array.size()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = array.get(i).isNull()
                    ? Float.NEGATIVE_INFINITY
                    : (float) array.get(i).asDouble();
        }
        return floats;
    }
}
