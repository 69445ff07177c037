package io.dromaius.client;

import java.util.List;

/**
 * One finished answer.
 *
 * @param index 0, 1, ... ; with beams the best comes first
 * @param reason why it ended
 * @param text the whole text, special ids dropped
 * @param tokenIds generated ids, with the end of sequence where there is one and without BOS
 * @param score with beams the sum of log-probabilities / length^lengthPenalty, otherwise the plain sum
 */
public record Candidate(int index, FinishReason reason, String text, List<Integer> tokenIds, double score) {
    public Candidate {
        tokenIds = List.copyOf(tokenIds);
    }
}
