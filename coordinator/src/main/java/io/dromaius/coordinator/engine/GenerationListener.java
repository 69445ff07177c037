package io.dromaius.coordinator.engine;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * Hears one request out. Called on the loop thread, in order, and must not block. {@code onScheduled} comes at most
 * once; then output; exactly one of {@code onFinished}, {@code onScored} and {@code onFailed} comes last.
 */
public interface GenerationListener {
    /** The request left the queue and its first rows go out with the next step. */
    default void onScheduled() {}

    /**
     * Tokens of a candidate; not called for beams. {@code delta} may be empty while text is held back (a partial
     * character, the beginning of a stop string), and a last call may bring held text without tokens.
     */
    default void onText(int candidate, String delta, List<Token> tokens) {}

    /** Embedding {@code index}, from 0, of picture {@code picture} is there; for progress and time to first output. */
    default void onVisualEmbedding(int picture, int index) {}

    /** All embeddings of picture {@code picture}: a row each in the pipeline's dtype, never written again. */
    default void onPicture(int picture, ByteBuffer embeddings) {}

    /** The answer of a Generate or Draw, best first for beams, else by candidate. */
    default void onFinished(List<Candidate> candidates) {}

    /** The answer of a Score: the log-probability of each token of each candidate, in request order. */
    default void onScored(List<List<Float>> logprobs) {}

    void onFailed(Failure failure);

    /**
     * A generated token.
     *
     * @param logprob in the unprocessed distribution
     * @param alternatives best first, as many as were asked for
     */
    record Token(int id, float logprob, List<ScoredId> alternatives) {
        public Token {
            alternatives = List.copyOf(alternatives);
        }
    }

    /**
     * A finished answer.
     *
     * @param text without special ids, cut before a stop string
     * @param ids generated ids, with the end of sequence where there is one and [IMG] where a picture stands; no BOS
     * @param score beams: hypothesis score; otherwise the sum of the ids' unprocessed log-probabilities
     */
    record Candidate(FinishReason reason, String text, List<Integer> ids, double score) {
        public Candidate {
            ids = List.copyOf(ids);
        }
    }
}
