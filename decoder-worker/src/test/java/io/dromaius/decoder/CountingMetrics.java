package io.dromaius.decoder;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Counts. */
final class CountingMetrics implements DrawMetrics {
    /** Pictures in each UNet call. */
    final List<Integer> calls = new CopyOnWriteArrayList<>();

    final List<Outcome> outcomes = new CopyOnWriteArrayList<>();

    /** Thrown once, on the compute thread. */
    volatile @Nullable Error failNext;

    @Override
    public void stepped(int pictures, long nanos) {
        Error failure = failNext;
        if (failure != null) {
            failNext = null;
            throw failure;
        }
        calls.add(pictures);
    }

    @Override
    public void ended(Outcome outcome) {
        outcomes.add(outcome);
    }
}
