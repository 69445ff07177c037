package io.dromaius.cli.bench;

import com.google.common.math.Quantiles;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** The middle of several measurements. */
public final class Median {
    private Median() {}

    /** The median of what {@code value} takes from each; of an even number the mean of the middle two. */
    public static <T> double of(List<T> measured, ToDoubleFunction<T> value) {
        if (measured.isEmpty()) {
            throw new IllegalArgumentException("nothing was measured");
        }
        return Quantiles.median().compute(measured.stream().mapToDouble(value).toArray());
    }
}
