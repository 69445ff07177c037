package io.dromaius.coordinator.engine;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.ImmutableIntArray;
import java.util.List;

/**
 * How text is chosen; every default is already filled in.
 *
 * @param temperature 0 is greedy (or beams); above 0 samples
 * @param topK 0 is none
 * @param topP 1 is none
 * @param repetitionPenalty over BOS and generated ids; 1 is none
 * @param noRepeatNgramSize 0 is none
 * @param numBeams 1 is no beam search
 * @param n candidates to return: samples, or best hypotheses (at most {@code numBeams})
 * @param minTokens end of sequence is barred until so many tokens are generated
 * @param stop text ends before the first of these; not with beams
 * @param choices the answer is one of these id sequences, each with its end of sequence; empty means free
 * @param logprobs alternatives to report with each token; -1 reports nothing, 0 only the token's own log-probability
 */
public record TextOptions(
        float temperature,
        int topK,
        float topP,
        long seed,
        float repetitionPenalty,
        int noRepeatNgramSize,
        int numBeams,
        float lengthPenalty,
        int n,
        int minTokens,
        int maxTokens,
        List<String> stop,
        List<ImmutableIntArray> choices,
        int logprobs) {
    public TextOptions {
        stop = List.copyOf(stop);
        choices = List.copyOf(choices);
        checkArgument(temperature >= 0 && topK >= 0 && topP > 0 && topP <= 1, "temperature, top_k or top_p");
        checkArgument(repetitionPenalty > 0 && noRepeatNgramSize >= 0, "repetition_penalty or no_repeat_ngram_size");
        checkArgument(numBeams >= 1 && n >= 1, "num_beams or n");
        checkArgument(minTokens >= 0 && maxTokens >= 1 && logprobs >= -1, "min_tokens, max_tokens or logprobs");
        checkArgument(numBeams == 1 || (temperature == 0 && stop.isEmpty() && n <= numBeams), "contradicts num_beams");
        checkArgument(numBeams > 1 || n == 1 || temperature > 0, "several greedy answers");
    }

    /** Sequences that run at once. */
    public int sequences() {
        return numBeams > 1 ? numBeams : n;
    }

    public static TextOptions greedy(int maxTokens) {
        return builder(maxTokens).build();
    }

    public static Builder builder(int maxTokens) {
        return new Builder(maxTokens);
    }

    /** Starts from greedy: one candidate, no penalty, no limit but {@code maxTokens}. */
    public static final class Builder {
        private final int maxTokens;
        private float temperature;
        private int topK;
        private float topP = 1;
        private long seed;
        private float repetitionPenalty = 1;
        private int noRepeatNgramSize;
        private int numBeams = 1;
        private float lengthPenalty;
        private int n = 1;
        private int minTokens;
        private List<String> stop = List.of();
        private List<ImmutableIntArray> choices = List.of();
        private int logprobs = -1;

        private Builder(int maxTokens) {
            this.maxTokens = maxTokens;
        }

        public Builder sample(float temperature, int topK, float topP, long seed) {
            this.temperature = temperature;
            this.topK = topK;
            this.topP = topP;
            this.seed = seed;
            return this;
        }

        public Builder beams(int numBeams, float lengthPenalty) {
            this.numBeams = numBeams;
            this.lengthPenalty = lengthPenalty;
            return this;
        }

        public Builder repetition(float repetitionPenalty, int noRepeatNgramSize) {
            this.repetitionPenalty = repetitionPenalty;
            this.noRepeatNgramSize = noRepeatNgramSize;
            return this;
        }

        public Builder n(int n) {
            this.n = n;
            return this;
        }

        public Builder minTokens(int minTokens) {
            this.minTokens = minTokens;
            return this;
        }

        public Builder stop(List<String> stop) {
            this.stop = stop;
            return this;
        }

        public Builder choices(List<ImmutableIntArray> choices) {
            this.choices = choices;
            return this;
        }

        public Builder logprobs(int logprobs) {
            this.logprobs = logprobs;
            return this;
        }

        public TextOptions build() {
            return new TextOptions(
                    temperature,
                    topK,
                    topP,
                    seed,
                    repetitionPenalty,
                    noRepeatNgramSize,
                    numBeams,
                    lengthPenalty,
                    n,
                    minTokens,
                    maxTokens,
                    stop,
                    choices,
                    logprobs);
        }
    }
}
