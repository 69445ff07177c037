package io.dromaius.coordinator.engine;

import static com.google.common.base.Preconditions.checkNotNull;

import io.dromaius.coordinator.engine.GenerationListener.Candidate;
import io.dromaius.coordinator.engine.GenerationListener.Token;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One candidate of a greedy or sampled request: its ids and text so far, and how it ended. */
final class Answer {
    private final int candidate;
    private final Sequence sequence;
    private final TextStream stream;
    private final StringBuilder text = new StringBuilder();
    private final List<Integer> ids = new ArrayList<>();
    private double logprob;
    private @Nullable FinishReason reason;

    Answer(int candidate, Sequence sequence, TextStream stream) {
        this.candidate = candidate;
        this.sequence = sequence;
        this.stream = stream;
    }

    int candidate() {
        return candidate;
    }

    Sequence sequence() {
        return sequence;
    }

    List<Integer> ids() {
        return ids;
    }

    boolean ended() {
        return reason != null;
    }

    boolean stopped() {
        return stream.stopped();
    }

    /** Takes the next token; a silent one (end of sequence) adds no text. */
    void take(RowResult row, boolean silent, Output output) {
        ids.add(row.id());
        logprob += row.logprob();
        String delta = silent ? "" : stream.append(row.id());
        text.append(delta);
        output.text(candidate, delta, List.of(new Token(row.id(), row.logprob(), row.logprobs())));
    }

    void end(FinishReason why, Output output) {
        String held = stream.finish();
        if (!held.isEmpty()) {
            text.append(held);
            output.text(candidate, held, List.of());
        }
        reason = why;
    }

    Candidate finished() {
        return new Candidate(checkNotNull(reason, "unfinished"), text.toString(), ids, logprob);
    }
}
