package io.dromaius.model.weights;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Names and shapes of the tensors a network is made of, in the order they are added. */
public final class WeightShapes {
    private final Map<String, List<Long>> shapes = new LinkedHashMap<>();

    public WeightShapes add(String name, long... shape) {
        if (shapes.put(name, Arrays.stream(shape).boxed().toList()) != null) {
            throw new IllegalStateException("two tensors named " + name);
        }
        return this;
    }

    /** Weight [out, in] and bias. */
    public WeightShapes linear(String prefix, long out, long in) {
        return matrix(prefix, out, in).add(prefix + ".bias", out);
    }

    /** Weight [out, in] alone. */
    public WeightShapes matrix(String prefix, long out, long in) {
        return add(prefix + ".weight", out, in);
    }

    /** Scale and shift of a normalisation. */
    public WeightShapes norm(String prefix, long width) {
        return add(prefix + ".weight", width).add(prefix + ".bias", width);
    }

    /** Weight [out, in, kernel, kernel] and bias. */
    public WeightShapes conv(String prefix, long out, long in, long kernel) {
        return add(prefix + ".weight", out, in, kernel, kernel).add(prefix + ".bias", out);
    }

    /** A read-only view. */
    public Map<String, List<Long>> asMap() {
        return Collections.unmodifiableMap(shapes);
    }
}
