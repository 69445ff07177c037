package io.dromaius.coordinator.engine;

import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The log-probabilities of candidates behind a prompt. The prompt's last position gives every candidate's first token;
 * then each longer candidate runs behind a fork of the prompt and every position gives the token after it.
 */
final class ScoreDecoder implements Decoder {
    private final List<ImmutableIntArray> candidates;
    private final List<List<Float>> logprobs = new ArrayList<>();
    private final Map<Sequence, Integer> candidateOf = new HashMap<>();

    ScoreDecoder(List<ImmutableIntArray> candidates) {
        this.candidates = candidates;
    }

    @Override
    public Pace pace() {
        return Pace.APART;
    }

    @Override
    public List<HeadRequest> heads(Sequence sequence, int position) {
        int next = position - sequence.inputs().promptLength() + 1;
        Integer candidate = candidateOf.get(sequence);
        if (candidate == null) {
            return next == 0 && logprobs.isEmpty() ? List.of(HeadRequest.Text.scores(firstIds())) : List.of();
        }
        boolean unread = next >= logprobs.get(candidate).size();
        return unread
                ? List.of(HeadRequest.Text.scores(candidates.get(candidate).subArray(next, next + 1)))
                : List.of();
    }

    @Override
    public boolean accept(SequenceGroup group, List<Reading> readings) {
        for (Reading reading : readings) {
            Integer candidate = candidateOf.get(reading.sequence());
            if (candidate != null) {
                accept(group, candidate, reading);
            } else if (logprobs.isEmpty()) {
                begin(group, reading.row().scores());
            }
        }
        if (candidateOf.isEmpty()) {
            group.output().scored(logprobs);
            return true;
        }
        return false;
    }

    /** After a preemption a position may be read twice, before and again; the first reading counts. */
    private void accept(SequenceGroup group, int candidate, Reading reading) {
        List<Float> scores = logprobs.get(candidate);
        int next = reading.position() - reading.sequence().inputs().promptLength() + 1;
        if (next == scores.size()) {
            scores.add(reading.row().scores().get(0));
        }
        if (scores.size() == candidates.get(candidate).length()) {
            candidateOf.remove(reading.sequence());
            group.retire(reading.sequence());
        }
    }

    private ImmutableIntArray firstIds() {
        ImmutableIntArray.Builder ids = ImmutableIntArray.builder(candidates.size());
        candidates.forEach(candidate -> ids.add(candidate.get(0)));
        return ids.build();
    }

    private void begin(SequenceGroup group, List<Float> firstScores) {
        for (int i = 0; i < candidates.size(); i++) {
            ImmutableIntArray candidate = candidates.get(i);
            logprobs.add(new ArrayList<>(List.of(firstScores.get(i))));
            if (candidate.length() > 1) {
                Inputs inputs = group.lead().inputs().copy();
                candidate.subArray(0, candidate.length() - 1).forEach(inputs::append);
                Sequence sequence = new Sequence(inputs);
                candidateOf.put(sequence, i);
                group.add(sequence);
            }
        }
    }
}
