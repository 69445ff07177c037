package io.dromaius.coordinator.engine;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The best finished answers of a beam search, at most as many as it has beams. Scores are double, as Python's are. */
final class Hypotheses {
    private final int capacity;
    private final double lengthPenalty;
    // In the order in which they were added.
    private final List<Hypothesis> kept = new ArrayList<>();

    /**
     * @param ids generated ids, with the end of sequence where it was reached
     * @param score sum / length^lengthPenalty
     */
    record Hypothesis(List<Integer> ids, double score, boolean ended) {}

    Hypotheses(int capacity, double lengthPenalty) {
        this.capacity = capacity;
        this.lengthPenalty = lengthPenalty;
    }

    /** Adds an answer; {@code length} counts BOS and generated tokens without the end of sequence. */
    void add(List<Integer> ids, int length, float sum, boolean ended) {
        double score = sum / Math.pow(length, lengthPenalty);
        if (kept.size() < capacity || score > worst().score()) {
            kept.add(new Hypothesis(ids, score, ended));
            if (kept.size() > capacity) {
                kept.remove(worst());
            }
        }
    }

    /** Whether enough are kept and a beam of this sum and length would not displace the worst. */
    boolean cannotImprove(float bestSum, int length) {
        return kept.size() == capacity && worst().score() >= bestSum / Math.pow(length, lengthPenalty);
    }

    /** Best first; of equal scores the one added later. */
    List<Hypothesis> best(int n) {
        List<Hypothesis> sorted = new ArrayList<>(kept);
        sorted.sort(Comparator.comparingDouble(Hypothesis::score));
        List<Hypothesis> best = new ArrayList<>(n);
        for (int i = 0; i < n; i++) {
            best.add(sorted.get(sorted.size() - 1 - i));
        }
        return best;
    }

    /** Of equal scores the one added first. */
    private Hypothesis worst() {
        Hypothesis worst = kept.get(0);
        for (Hypothesis hypothesis : kept) {
            if (hypothesis.score() < worst.score()) {
                worst = hypothesis;
            }
        }
        return worst;
    }
}
