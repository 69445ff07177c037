package io.dromaius.cli.bench;

import java.util.List;
import java.util.function.ToDoubleFunction;

/** The middle of several measurements. */
public final class Median {
    private Median() {}

    /** The median of what {@code value} takes from each; of an even number the mean of the middle two. */
    public static <T> double of(List<T> measured, ToDoubleFunction<T> value) {
        double[] sorted = measured.stream().mapToDouble(value).sorted().toArray();
        if (sorted.length == 0) {
            throw new IllegalArgumentException("nothing was measured");
        }
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }
}
