package io.dromaius.coordinator.engine;

import static com.google.common.base.Preconditions.checkNotNull;

import io.dromaius.coordinator.engine.GenerationListener.Candidate;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Greedy and sampled answers: n candidates that fork behind the prompt, and, where pictures are wanted, a visual span
 * behind every [IMG] of the one candidate.
 */
final class SamplingDecoder implements Decoder {
    private final TextOptions options;
    private final boolean pictures;
    private final TextHeads heads;
    private final EngineModel model;
    private final TextStream.Factory texts;
    // Empty until the prompt has been read.
    private final List<Answer> answers = new ArrayList<>();
    private @Nullable VisualSpan span;
    private int picturesBegun;

    SamplingDecoder(GenerationTask.Generate task, EngineModel model, TextStream.Factory texts) {
        this.options = task.text();
        this.pictures = task.pictures();
        this.heads = new TextHeads(options, model);
        this.model = model;
        this.texts = texts;
    }

    @Override
    public Pace pace() {
        return options.n() == 1 ? Pace.ALONE : Pace.TOGETHER;
    }

    @Override
    public List<HeadRequest> heads(Sequence sequence, int position) {
        if (position < sequence.length() - 1) {
            return List.of();
        }
        if (span != null) {
            return List.of(new HeadRequest.Regress());
        }
        if (!answers.isEmpty()) {
            Answer answer = answerOf(sequence);
            return List.of(heads.token(answer.ids(), answer.candidate()));
        }
        List<HeadRequest> first = new ArrayList<>(options.n());
        for (int candidate = 0; candidate < options.n(); candidate++) {
            first.add(heads.token(List.of(), candidate));
        }
        return first;
    }

    @Override
    public boolean accept(SequenceGroup group, List<Reading> readings) {
        if (answers.isEmpty()) {
            begin(group);
            for (Answer answer : answers) {
                token(group, answer, readings.get(answer.candidate()).row());
            }
        } else if (span != null) {
            embedding(group, readings.get(0));
        } else {
            for (Reading reading : readings) {
                token(group, answerOf(reading.sequence()), reading.row());
            }
        }
        return finishIfAllEnded(group);
    }

    private void begin(SequenceGroup group) {
        for (int candidate = 0; candidate < options.n(); candidate++) {
            Sequence sequence = group.lead();
            if (candidate > 0) {
                sequence = new Sequence(group.lead().inputs().copy());
                group.add(sequence);
            }
            answers.add(new Answer(candidate, sequence, texts.open(options.stop())));
        }
    }

    private void token(SequenceGroup group, Answer answer, RowResult row) {
        boolean end = row.id() == model.eos();
        answer.take(row, end, group.output());
        if (end) {
            end(group, answer, FinishReason.END);
            return;
        }
        answer.sequence().inputs().append(row.id());
        if (answer.stopped()) {
            end(group, answer, FinishReason.STOP);
        } else if (heads.choiceEnds(answer.ids())) {
            end(group, answer, FinishReason.END);
        } else if (pictures && row.id() == model.img()) {
            openSpan(group, answer);
        } else {
            endIfLongEnough(group, answer);
        }
    }

    private void embedding(SequenceGroup group, Reading reading) {
        VisualSpan current = checkNotNull(span);
        current.accept(group, reading);
        if (current.complete()) {
            span = null;
            Inputs inputs = reading.sequence().inputs();
            inputs.append(current.last());
            inputs.append(model.endImg());
            endIfLongEnough(group, answers.get(0));
        }
    }

    private void openSpan(SequenceGroup group, Answer answer) {
        int last = answer.sequence().length() + model.visualTokens() - 1;
        if (last <= model.contextLength()) {
            span = new VisualSpan(picturesBegun++, model.visualTokens());
        } else {
            end(group, answer, FinishReason.LENGTH);
        }
    }

    private void endIfLongEnough(SequenceGroup group, Answer answer) {
        boolean outOfContext = answer.sequence().length() >= model.contextLength();
        if (answer.ids().size() >= options.maxTokens() || outOfContext) {
            end(group, answer, FinishReason.LENGTH);
        }
    }

    private static void end(SequenceGroup group, Answer answer, FinishReason reason) {
        answer.end(reason, group.output());
        group.retire(answer.sequence());
    }

    private boolean finishIfAllEnded(SequenceGroup group) {
        List<Candidate> finished = new ArrayList<>(answers.size());
        for (Answer answer : answers) {
            if (!answer.ended()) {
                return false;
            }
            finished.add(answer.finished());
        }
        group.output().finished(finished);
        return true;
    }

    private Answer answerOf(Sequence sequence) {
        for (Answer answer : answers) {
            if (answer.sequence() == sequence) {
                return answer;
            }
        }
        throw new IllegalStateException("a sequence without an answer");
    }
}
