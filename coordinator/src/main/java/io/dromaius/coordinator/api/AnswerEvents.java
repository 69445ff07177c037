package io.dromaius.coordinator.api;

import io.dromaius.coordinator.engine.FinishReason;
import io.dromaius.coordinator.engine.GenerationListener;
import io.dromaius.coordinator.engine.ScoredId;
import io.dromaius.proto.v1.Alternative;
import io.dromaius.proto.v1.Candidate;
import io.dromaius.proto.v1.Finished;
import io.dromaius.proto.v1.GenerateResponse;
import io.dromaius.proto.v1.Started;
import io.dromaius.proto.v1.TextDelta;
import io.dromaius.proto.v1.Timings;
import io.dromaius.proto.v1.TokenLogprob;
import io.dromaius.proto.v1.Usage;
import java.util.List;

/** The engine's output as the public API tells it. Pure functions. */
final class AnswerEvents {
    private AnswerEvents() {}

    static GenerateResponse.Builder started(Started started) {
        return GenerateResponse.newBuilder().setStarted(started);
    }

    static GenerateResponse.Builder text(
            int candidate, String delta, List<GenerationListener.Token> tokens, boolean logprobs) {
        TextDelta.Builder text = TextDelta.newBuilder().setCandidate(candidate).setText(delta);
        for (GenerationListener.Token token : tokens) {
            text.addTokenIds(token.id());
            if (logprobs) {
                text.addLogprobs(logprob(token));
            }
        }
        return GenerateResponse.newBuilder().setText(text);
    }

    static GenerateResponse.Builder finished(
            List<GenerationListener.Candidate> candidates, Usage usage, Timings timings) {
        Finished.Builder finished = Finished.newBuilder().setUsage(usage).setTimings(timings);
        for (int i = 0; i < candidates.size(); i++) {
            GenerationListener.Candidate candidate = candidates.get(i);
            finished.addCandidates(Candidate.newBuilder()
                    .setCandidate(i)
                    .setReason(reason(candidate.reason()))
                    .setText(candidate.text())
                    .addAllTokenIds(candidate.ids())
                    .setSequenceScore(candidate.score()));
        }
        return GenerateResponse.newBuilder().setFinished(finished);
    }

    private static TokenLogprob logprob(GenerationListener.Token token) {
        TokenLogprob.Builder logprob =
                TokenLogprob.newBuilder().setTokenId(token.id()).setLogprob(token.logprob());
        for (ScoredId alternative : token.alternatives()) {
            logprob.addAlternatives(
                    Alternative.newBuilder().setTokenId(alternative.id()).setLogprob(alternative.score()));
        }
        return logprob.build();
    }

    private static io.dromaius.proto.v1.FinishReason reason(FinishReason reason) {
        return switch (reason) {
            case END -> io.dromaius.proto.v1.FinishReason.FINISH_REASON_END;
            case STOP -> io.dromaius.proto.v1.FinishReason.FINISH_REASON_STOP;
            case LENGTH -> io.dromaius.proto.v1.FinishReason.FINISH_REASON_LENGTH;
            case PICTURE -> io.dromaius.proto.v1.FinishReason.FINISH_REASON_IMAGE;
        };
    }
}
