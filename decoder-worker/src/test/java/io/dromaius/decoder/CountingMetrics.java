package io.dromaius.decoder;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Counts. */
final class CountingMetrics implements DrawMetrics {
    /** Pictures in each UNet call. */
    final List<Integer> calls = new CopyOnWriteArrayList<>();

    final List<Outcome> outcomes = new CopyOnWriteArrayList<>();

    @Override
    public void stepped(int pictures, long nanos) {
        calls.add(pictures);
    }

    @Override
    public void ended(Outcome outcome) {
        outcomes.add(outcome);
    }
}
