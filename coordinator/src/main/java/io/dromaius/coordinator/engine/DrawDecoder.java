package io.dromaius.coordinator.engine;

import io.dromaius.coordinator.engine.GenerationListener.Candidate;
import java.util.List;

/** The embeddings of one picture, right behind the prompt. */
final class DrawDecoder implements Decoder {
    private final VisualSpan span;

    DrawDecoder(EngineModel model) {
        this.span = new VisualSpan(0, model.visualTokens());
    }

    @Override
    public Pace pace() {
        return Pace.ALONE;
    }

    @Override
    public List<HeadRequest> heads(Sequence sequence, int position) {
        return position == sequence.length() - 1 ? List.of(new HeadRequest.Regress()) : List.of();
    }

    @Override
    public boolean accept(SequenceGroup group, List<Reading> readings) {
        span.accept(group, readings.get(0));
        if (span.complete()) {
            group.output().finished(List.of(new Candidate(FinishReason.PICTURE, "", List.of(), 0)));
        }
        return span.complete();
    }
}
