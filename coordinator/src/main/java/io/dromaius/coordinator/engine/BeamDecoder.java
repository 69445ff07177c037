package io.dromaius.coordinator.engine;

import io.dromaius.coordinator.engine.BeamSearch.Beam;
import io.dromaius.coordinator.engine.GenerationListener.Candidate;
import io.dromaius.coordinator.engine.Hypotheses.Hypothesis;
import java.util.ArrayList;
import java.util.List;

/** Beam search: sequence i of the group is beam i, all beams in one step; nothing is told before the end. */
final class BeamDecoder implements Decoder {
    private final TextOptions options;
    private final TextHeads heads;
    private final BeamSearch search;
    private final EngineModel model;
    private final TextStream.Factory texts;

    BeamDecoder(TextOptions options, int maxTokens, EngineModel model, TextStream.Factory texts) {
        this.options = options;
        this.heads = new TextHeads(options, model);
        this.search = new BeamSearch(options.numBeams(), options.lengthPenalty(), model.eos(), maxTokens);
        this.model = model;
        this.texts = texts;
    }

    @Override
    public Pace pace() {
        return Pace.TOGETHER;
    }

    @Override
    public List<HeadRequest> heads(Sequence sequence, int position) {
        if (position < sequence.length() - 1) {
            return List.of();
        }
        return List.of(heads.beam(sequence.inputs().ownIds()));
    }

    @Override
    public boolean accept(SequenceGroup group, List<Reading> readings) {
        List<List<ScoredId>> candidates = new ArrayList<>(options.numBeams());
        for (int beam = 0; beam < options.numBeams(); beam++) {
            // Behind the prompt there is one sequence, and every beam begins as it.
            candidates.add(readings.get(readings.size() == 1 ? 0 : beam).row().candidates());
        }
        search.advance(candidates);
        if (search.done()) {
            group.output().finished(answers());
            return true;
        }
        goOn(group);
        return false;
    }

    private void goOn(SequenceGroup group) {
        List<Sequence> next = new ArrayList<>();
        List<Sequence> parents = new ArrayList<>();
        for (Beam beam : search.open()) {
            List<Sequence> current = group.sequences();
            Sequence parent = current.get(current.size() == 1 ? 0 : beam.parent());
            Inputs inputs = parent.inputs().copy();
            inputs.append(beam.ids().get(beam.ids().size() - 1));
            next.add(new Sequence(inputs));
            parents.add(parent);
        }
        group.succeed(next, parents);
    }

    private List<Candidate> answers() {
        List<Candidate> answers = new ArrayList<>();
        for (Hypothesis hypothesis : search.best(options.n())) {
            FinishReason reason = hypothesis.ended() ? FinishReason.END : FinishReason.LENGTH;
            answers.add(new Candidate(reason, text(hypothesis.ids()), hypothesis.ids(), hypothesis.score()));
        }
        return answers;
    }

    private String text(List<Integer> ids) {
        TextStream stream = texts.open(List.of());
        StringBuilder text = new StringBuilder();
        for (int id : ids) {
            if (id != model.eos()) {
                text.append(stream.append(id));
            }
        }
        return text.append(stream.finish()).toString();
    }
}
