package io.dromaius.client;

import java.util.List;

/**
 * Candidate answers in order of likelihood.
 *
 * @param candidates as they were given
 * @param ranks indices into {@code candidates}, lowest loss first
 * @param losses of each candidate, in the order given
 */
public record Ranking(List<String> candidates, List<Integer> ranks, List<Float> losses, Usage usage, Timings timings) {
    public Ranking {
        candidates = List.copyOf(candidates);
        ranks = List.copyOf(ranks);
        losses = List.copyOf(losses);
    }

    /** The most likely candidate. */
    public String best() {
        return candidates.get(ranks.get(0));
    }
}
