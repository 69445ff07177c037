package io.dromaius.model.tiny;

import java.util.ArrayList;
import java.util.List;

/** Names, shapes and distributions of the tensors of one file, in the order in which they are written. */
final class StateDict {

    /** A tensor of independent normal numbers, stored as bfloat16 or float32. */
    record Entry(String name, boolean bfloat16, List<Integer> shape, double mean, double deviation) {

        int elements() {
            return shape.stream().reduce(1, Math::multiplyExact);
        }
    }

    private final List<Entry> entries = new ArrayList<>();
    private final boolean bfloat16;

    /** A dictionary whose tensors are all bfloat16 or all float32; {@link #addAll} mixes them. */
    StateDict(boolean bfloat16) {
        this.bfloat16 = bfloat16;
    }

    List<Entry> entries() {
        return List.copyOf(entries);
    }

    void addAll(StateDict other) {
        entries.addAll(other.entries);
    }

    /** The same names and shapes, with NaN for every number. */
    StateDict damaged() {
        StateDict damaged = new StateDict(bfloat16);
        for (Entry entry : entries) {
            damaged.entries.add(new Entry(entry.name(), entry.bfloat16(), entry.shape(), Double.NaN, 0));
        }
        return damaged;
    }

    StateDict normal(String name, double deviation, Integer... shape) {
        entries.add(new Entry(name, bfloat16, List.of(shape), 0, deviation));
        return this;
    }

    StateDict constant(String name, double value, Integer... shape) {
        entries.add(new Entry(name, bfloat16, List.of(shape), value, 0));
        return this;
    }

    /** {@code [out, in]}, which keeps the scale of its input times {@code gain}. */
    StateDict linear(String name, int out, int in, double gain) {
        return normal(name + ".weight", gain / Math.sqrt(in), out, in);
    }

    StateDict linear(String name, int out, int in) {
        return linear(name, out, in, 1);
    }

    StateDict linearWithBias(String name, int out, int in) {
        return linear(name, out, in, 1).bias(name, out);
    }

    /** {@code [out, in, kernel, kernel]} with bias. */
    StateDict convolution(String name, int out, int in, int kernel) {
        return normal(name + ".weight", 1 / Math.sqrt((double) in * kernel * kernel), out, in, kernel, kernel)
                .bias(name, out);
    }

    /** A norm without bias. */
    StateDict scale(String name, int width) {
        entries.add(new Entry(name + ".weight", bfloat16, List.of(width), 1, 0.05));
        return this;
    }

    StateDict norm(String name, int width) {
        return scale(name, width).bias(name, width);
    }

    private StateDict bias(String name, int width) {
        return normal(name + ".bias", 0.02, width);
    }
}
