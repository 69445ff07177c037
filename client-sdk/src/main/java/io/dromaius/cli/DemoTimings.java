package io.dromaius.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/** How long each part of the demo took. Not thread-safe. */
final class DemoTimings {
    private final List<String> lines = new ArrayList<>();

    <T> T timed(String what, Supplier<T> task) {
        long before = System.nanoTime();
        T result = task.get();
        lines.add(String.format(Locale.ROOT, "%-11s %6.2f s", what, (System.nanoTime() - before) / 1e9));
        return result;
    }

    /** One a part, in the order in which they were done. */
    List<String> lines() {
        return List.copyOf(lines);
    }
}
