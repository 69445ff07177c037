package io.dromaius.coordinator.engine;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Beam search of one prompt with the reference's rules (transformers of mid-2023, early_stopping False): each step takes
 * the 2 x beams best continuations of all beams; an end of sequence among the first {@code beams} of them finishes a
 * hypothesis, a later one is dropped; the first {@code beams} others go on. Sums are float32, as the reference's are.
 */
final class BeamSearch {
    // Of equal sums the lower beam, then the lower id: the order of the reference's flattened scores.
    private static final Comparator<Continuation> BEST_FIRST = Comparator.comparing(Continuation::sum)
            .reversed()
            .thenComparingInt(Continuation::beam)
            .thenComparingInt(Continuation::id);

    /** Keeps all beams but the first from being chosen while they are still the same. */
    private static final float NOT_YET_DISTINCT = -1e9f;

    private final int beams;
    private final int eos;
    private final int maxTokens;
    private final Hypotheses hypotheses;
    private List<Beam> open = new ArrayList<>();
    private int generated;
    private boolean done;

    /** A line of generated ids and its sum; {@code parent} is its index among the beams of the step before. */
    record Beam(int parent, List<Integer> ids, float sum) {}

    /** A continuation of a beam. */
    private record Continuation(int beam, int id, float sum) {}

    BeamSearch(int beams, float lengthPenalty, int eos, int maxTokens) {
        checkArgument(beams > 1 && maxTokens > 0, "%s beams, %s tokens", beams, maxTokens);
        this.beams = beams;
        this.eos = eos;
        this.maxTokens = maxTokens;
        this.hypotheses = new Hypotheses(beams, lengthPenalty);
        for (int beam = 0; beam < beams; beam++) {
            open.add(new Beam(beam, List.of(), beam == 0 ? 0 : NOT_YET_DISTINCT));
        }
    }

    /** The beams that go on, as many as at the start. */
    List<Beam> open() {
        return open;
    }

    boolean done() {
        return done;
    }

    /**
     * One step.
     *
     * @param candidates for each open beam its continuations' processed scores, best first, at least 2 x beams of them
     *     or the whole vocabulary
     */
    void advance(List<List<ScoredId>> candidates) {
        checkState(!done, "the search has ended");
        checkArgument(candidates.size() == beams, "candidates of %s beams, not %s", candidates.size(), beams);
        List<Continuation> best = best(candidates);
        List<Beam> next = new ArrayList<>(beams);
        for (int rank = 0; rank < best.size() && next.size() < beams; rank++) {
            Continuation continuation = best.get(rank);
            List<Integer> ids = open.get(continuation.beam()).ids();
            if (continuation.id() != eos) {
                next.add(new Beam(continuation.beam(), with(ids, continuation.id()), continuation.sum()));
            } else if (rank < beams) {
                hypotheses.add(with(ids, eos), ids.size() + 1, continuation.sum(), true);
            }
        }
        checkState(next.size() == beams, "only %s continuations for %s beams", next.size(), beams);
        open = next;
        generated++;
        // The bound of an unfinished beam counts BOS and the token of this step.
        done = hypotheses.cannotImprove(best.get(0).sum(), generated + 1);
        if (!done && generated == maxTokens) {
            for (Beam beam : open) {
                hypotheses.add(beam.ids(), generated + 1, beam.sum(), false);
            }
            done = true;
        }
    }

    /** The {@code n} best hypotheses, best first. */
    List<Hypotheses.Hypothesis> best(int n) {
        checkState(done, "the search goes on");
        return hypotheses.best(n);
    }

    private List<Continuation> best(List<List<ScoredId>> candidates) {
        List<Continuation> all = new ArrayList<>();
        for (int beam = 0; beam < beams; beam++) {
            for (ScoredId candidate : candidates.get(beam)) {
                all.add(new Continuation(
                        beam, candidate.id(), candidate.score() + open.get(beam).sum()));
            }
        }
        all.sort(BEST_FIRST);
        return all.subList(0, Math.min(2 * beams, all.size()));
    }

    private static List<Integer> with(List<Integer> ids, int id) {
        List<Integer> longer = new ArrayList<>(ids.size() + 1);
        longer.addAll(ids);
        longer.add(id);
        return longer;
    }
}
