package io.dromaius.client;

import java.util.List;

/**
 * One event of an answer, in the order in which the cluster made them. The first is {@link Started}, the last {@link
 * Finished}; a failed call ends with an {@link EmuException} instead. PNG chunks are put together by the client.
 */
public sealed interface GenerationEvent {

    /**
     * The request is admitted and its pictures are encoded.
     *
     * @param seed of the sampling, given or drawn by the cluster
     * @param imageSeed of the initial noise, given or drawn by the cluster
     */
    record Started(String requestId, int promptTokens, long seed, long imageSeed) implements GenerationEvent {}

    /** Text that follows what came before for this candidate. Never splits a character. */
    record TextDelta(int candidate, String text, List<Integer> tokenIds, List<TokenLogprob> logprobs)
            implements GenerationEvent {
        public TextDelta {
            tokenIds = List.copyOf(tokenIds);
            logprobs = List.copyOf(logprobs);
        }
    }

    /** A picture begins; {@code steps} denoise calls are to come. */
    record ImageStarted(int image, int height, int width, int steps) implements GenerationEvent {}

    /** {@code step} of {@code steps} denoise calls are done. */
    record ImageProgress(int image, int step, int steps) implements GenerationEvent {}

    /** The picture as it would be if it ended at {@code step}. The array is the receiver's own. */
    @SuppressWarnings("ArrayRecordComponent") // a preview is looked at once; nobody compares two
    record ImagePreview(int image, int step, byte[] png) implements GenerationEvent {}

    /** A picture is whole. */
    record ImageDone(Picture picture) implements GenerationEvent {}

    /** The last event: every candidate whole, best first for beams. */
    record Finished(List<Candidate> candidates, Usage usage, Timings timings) implements GenerationEvent {
        public Finished {
            candidates = List.copyOf(candidates);
        }
    }
}
