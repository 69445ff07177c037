package io.dromaius.coordinator.engine;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.ImmutableIntArray;
import org.jspecify.annotations.Nullable;

/** What to compute from a final hidden state. */
public sealed interface HeadRequest {
    /** One vector of the visual embedding's regression head. */
    record Regress() implements HeadRequest {}

    /**
     * Scores over the vocabulary. Order: repetition penalty, n-gram ban, barred end of sequence, allowed ids; then the
     * draw's temperature, top-k and top-p.
     *
     * @param onLogProbabilities whether the processors act on log-probabilities (beams) or on logits
     * @param history BOS and generated ids where a penalty or an n-gram ban needs them, else empty
     * @param repetitionPenalty 1 is none
     * @param noRepeatNgramSize 0 is none
     * @param constrained whether only {@code allowedIds} may follow
     * @param candidates how many of the best (id, processed score) to return
     * @param draw null means greedy
     * @param logprobs how many of the best (id, unprocessed log-probability) to return
     * @param scoreIds ids whose unprocessed log-probabilities to return
     */
    record Text(
            boolean onLogProbabilities,
            ImmutableIntArray history,
            float repetitionPenalty,
            int noRepeatNgramSize,
            boolean barEndOfSequence,
            boolean constrained,
            ImmutableIntArray allowedIds,
            int candidates,
            @Nullable TokenDraw draw,
            int logprobs,
            ImmutableIntArray scoreIds)
            implements HeadRequest {
        /** The log-probabilities of these ids and nothing else. */
        static Text scores(ImmutableIntArray scoreIds) {
            ImmutableIntArray none = ImmutableIntArray.of();
            return new Text(false, none, 1, 0, false, false, none, 0, null, 0, scoreIds);
        }
    }

    /**
     * One random draw: a pure function of the row's scores and (seed, candidate, position).
     *
     * @param topK 0 is none
     * @param topP 1 is none
     * @param position count of generated tokens before this one
     */
    record TokenDraw(float temperature, int topK, float topP, long seed, int candidate, int position) {
        public TokenDraw {
            checkArgument(temperature > 0, "temperature %s", temperature);
        }
    }
}
