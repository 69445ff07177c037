package io.dromaius.model.llama;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/**
 * How candidates are scored and which are wanted. The order is repetition penalty, n-gram ban, barred end of sequence,
 * allowed ids.
 *
 * @param onLogProbabilities whether processors act on log-probabilities (beams), not renormalised, instead of logits
 * @param history BOS and generated ids, where a penalty or ban needs them; else empty
 * @param repetitionPenalty 1 is none
 * @param noRepeatNgramSize 0 is none
 * @param barEndOfSequence whether id 2 may not follow
 * @param constrained whether only {@code allowedIds} may follow
 * @param candidates this many best ids, or all if there are fewer
 * @param ties whether ids that score like the last candidate come too
 * @param logprobs this many best ids of the unprocessed distribution
 * @param scoreIds ids whose unprocessed log-probability is wanted
 */
@SuppressWarnings("ArrayRecordComponent") // read once, inside the step it was made for
public record TextHead(
        boolean onLogProbabilities,
        int[] history,
        double repetitionPenalty,
        int noRepeatNgramSize,
        boolean barEndOfSequence,
        boolean constrained,
        int[] allowedIds,
        int candidates,
        boolean ties,
        int logprobs,
        int[] scoreIds) {
    private static final int END_OF_SEQUENCE = 2;

    public TextHead {
        if (!(repetitionPenalty > 0) || noRepeatNgramSize < 0 || candidates < 0 || logprobs < 0) {
            throw new IllegalArgumentException("repetition penalty %s, n-gram size %d, %d candidates, %d logprobs"
                    .formatted(repetitionPenalty, noRepeatNgramSize, candidates, logprobs));
        }
    }

    /** The k best ids by logits, nothing processed. */
    public static TextHead best(int k) {
        return new TextHead(false, new int[0], 1, 0, false, false, new int[0], k, false, 0, new int[0]);
    }

    /** Ids that may not follow: those that would complete an n-gram of the history, and the barred end of sequence. */
    int[] banned() {
        Set<Integer> banned = new HashSet<>();
        int n = noRepeatNgramSize;
        if (n > 0) {
            int tail = history.length - (n - 1);
            for (int i = 0; i < tail; i++) {
                if (Arrays.equals(history, i, i + n - 1, history, tail, history.length)) {
                    banned.add(history[i + n - 1]);
                }
            }
        }
        if (barEndOfSequence) {
            banned.add(END_OF_SEQUENCE);
        }
        return banned.stream().mapToInt(Integer::intValue).sorted().toArray();
    }

    int[] penalised() {
        return repetitionPenalty == 1
                ? new int[0]
                : Arrays.stream(history).distinct().toArray();
    }
}
