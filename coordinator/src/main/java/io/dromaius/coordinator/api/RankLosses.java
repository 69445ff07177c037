package io.dromaius.coordinator.api;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The arithmetic of the reference's {@code predict}: the cross-entropies of a candidate's tokens, divided by what the
 * prompt and the candidate, padded within its segment, make together, less one. Padding makes a short candidate's loss
 * depend on its neighbours; segments bound the neighbourhood. All segments have the same number of candidates, and the
 * last one the rest too.
 *
 * @param losses of each candidate, in request order
 * @param ranks candidates by loss, lowest first, ties in request order
 */
record RankLosses(List<Float> losses, List<Integer> ranks) {
    RankLosses {
        losses = List.copyOf(losses);
        ranks = List.copyOf(ranks);
    }

    static RankLosses of(int promptTokens, List<List<Float>> logprobs, int segments) {
        int count = logprobs.size();
        checkArgument(segments >= 1 && segments <= count, "%s segments of %s candidates", segments, count);
        Float[] losses = new Float[count];
        int segmentSize = count / segments;
        for (int segment = 0; segment < segments; segment++) {
            int from = segment * segmentSize;
            int to = segment == segments - 1 ? count : from + segmentSize;
            int padded = 0;
            for (List<Float> candidate : logprobs.subList(from, to)) {
                padded = Math.max(padded, candidate.size());
            }
            for (int i = from; i < to; i++) {
                double sum = 0;
                for (float logprob : logprobs.get(i)) {
                    sum -= logprob;
                }
                losses[i] = (float) (sum / (promptTokens + padded - 1));
            }
        }
        List<Integer> ranks = IntStream.range(0, count)
                .boxed()
                .sorted(Comparator.comparing(i -> losses[i]))
                .toList();
        return new RankLosses(List.of(losses), ranks);
    }
}
