package io.dromaius.coordinator.engine;

import java.util.List;

/**
 * What one head row gave; all empty for a regress row, but for a log-probability of NaN where its vector is not finite.
 *
 * @param id the drawn or greedy id
 * @param logprob its log-probability in the unprocessed distribution; NaN with nothing else where the scores are not finite
 * @param candidates best first, ties to the lower id: processed scores
 * @param logprobs best first: unprocessed log-probabilities
 * @param scores unprocessed log-probability of each of the head's score ids, in order
 */
public record RowResult(int id, float logprob, List<ScoredId> candidates, List<ScoredId> logprobs, List<Float> scores) {
    public RowResult {
        candidates = List.copyOf(candidates);
        logprobs = List.copyOf(logprobs);
        scores = List.copyOf(scores);
    }

    /** Whether the row gave numbers to go on with. */
    boolean isFinite() {
        return !Float.isNaN(logprob);
    }
}
