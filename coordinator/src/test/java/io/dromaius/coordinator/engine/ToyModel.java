package io.dromaius.coordinator.engine;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A language model of a few lines: a position's KV is a hash of its input and place, a hidden state a hash of all KV up
 * to it, the logits of a vocabulary of 24 a hash of the hidden state. Any wrong KV changes everything behind it.
 */
final class ToyModel {
    static final int VOCABULARY = 24;
    static final int BOS = 1;
    static final int EOS = 2;
    static final int IMG = 20;
    static final int END_IMG = 21;

    private ToyModel() {}

    static long kv(long input, int position) {
        return mix(input * 31 + position);
    }

    static long hidden(long hiddenBefore, long kv) {
        return mix(hiddenBefore ^ Long.rotateLeft(kv, 17));
    }

    static long idInput(int id) {
        return mix(id + 1000L);
    }

    static long vectorInput(ByteBuffer vector) {
        return mix(vector.getLong(0) ^ 0x5555L);
    }

    static ByteBuffer regress(long hidden) {
        return ByteBuffer.allocate(8).putLong(0, mix(hidden + 77));
    }

    static RowResult text(long hidden, HeadRequest.Text head) {
        float[] logits = new float[VOCABULARY];
        for (int id = 0; id < VOCABULARY; id++) {
            // End of sequence and pictures are likely enough to be met.
            float liking = id == EOS ? 1.5f : id == IMG ? 1 : 0;
            logits[id] = (mix(hidden * 131 + id) >>> 40) * (6f / (1 << 24)) + liking;
        }
        float[] logprobs = logSoftmax(logits);
        float[] processed = process(head.onLogProbabilities() ? logprobs.clone() : logits, head);
        List<ScoredId> sorted = sorted(processed);
        int id = head.draw() == null ? sorted.get(0).id() : draw(processed, sorted, head.draw());
        List<Float> scores = new ArrayList<>();
        head.scoreIds().forEach(scored -> scores.add(logprobs[scored]));
        return new RowResult(
                id,
                logprobs[id],
                sorted.subList(0, Math.min(head.candidates(), VOCABULARY)),
                sorted(logprobs).subList(0, head.logprobs()),
                scores);
    }

    private static float[] process(float[] scores, HeadRequest.Text head) {
        List<Integer> history = head.history().asList();
        for (int id : new HashSet<>(history)) {
            scores[id] = scores[id] < 0 ? scores[id] * head.repetitionPenalty() : scores[id] / head.repetitionPenalty();
        }
        int n = head.noRepeatNgramSize();
        for (int i = 0; n > 0 && i + n <= history.size(); i++) {
            if (history.subList(i, i + n - 1).equals(history.subList(history.size() - n + 1, history.size()))) {
                scores[history.get(i + n - 1)] = Float.NEGATIVE_INFINITY;
            }
        }
        if (head.barEndOfSequence()) {
            scores[EOS] = Float.NEGATIVE_INFINITY;
        }
        Set<Integer> allowed = new HashSet<>(head.allowedIds().asList());
        for (int id = 0; id < scores.length; id++) {
            if (head.constrained() && !allowed.contains(id)) {
                scores[id] = Float.NEGATIVE_INFINITY;
            }
        }
        return scores;
    }

    /** Gumbel trick: as random as any, and a pure function of the row and the draw's key. */
    private static int draw(float[] scores, List<ScoredId> sorted, HeadRequest.TokenDraw draw) {
        int kept = draw.topK() == 0 ? VOCABULARY : draw.topK();
        int best = sorted.get(0).id();
        double bestScore = Double.NEGATIVE_INFINITY;
        for (ScoredId candidate : sorted.subList(0, kept)) {
            long key = mix(mix(draw.seed() * 7 + draw.candidate()) + draw.position() * 1009L + candidate.id());
            double uniform = ((key >>> 11) + 0.5) / (1L << 53);
            double score = scores[candidate.id()] / draw.temperature() - Math.log(-Math.log(uniform));
            if (score > bestScore) {
                best = candidate.id();
                bestScore = score;
            }
        }
        return best;
    }

    private static float[] logSoftmax(float[] logits) {
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit);
        }
        float[] logprobs = new float[logits.length];
        for (int id = 0; id < logits.length; id++) {
            logprobs[id] = (float) (logits[id] - Math.log(sum));
        }
        return logprobs;
    }

    private static List<ScoredId> sorted(float[] scores) {
        List<ScoredId> sorted = new ArrayList<>();
        for (int id = 0; id < scores.length; id++) {
            sorted.add(new ScoredId(id, scores[id]));
        }
        sorted.sort(Comparator.comparing(ScoredId::score).reversed());
        return sorted;
    }

    private static long mix(long value) {
        long z = value + 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
