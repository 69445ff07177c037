package io.dromaius.coordinator.engine;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Beam search written down once more, over whole rows of scores and with the variables of the reference: ids begin with
 * BOS, lengths count it, the worst kept score is a variable of its own.
 */
final class ReferenceBeamSearch {
    private final int beams;
    private final double lengthPenalty;
    private final int maxLength;
    private final Function<List<Integer>, float[]> processedScores;
    private final List<Kept> kept = new ArrayList<>();
    private double worstScore = 1e9;

    record Kept(double score, List<Integer> ids) {}

    /** @param processedScores from ids that begin with BOS to a score for each id of the vocabulary */
    ReferenceBeamSearch(
            int beams, double lengthPenalty, int maxTokens, Function<List<Integer>, float[]> processedScores) {
        this.beams = beams;
        this.lengthPenalty = lengthPenalty;
        this.maxLength = 1 + maxTokens;
        this.processedScores = processedScores;
    }

    /** The {@code n} best, without BOS, with end of sequence where it was reached. */
    List<Kept> run(int n) {
        List<List<Integer>> ids = new ArrayList<>();
        float[] beamScores = new float[beams];
        for (int beam = 0; beam < beams; beam++) {
            ids.add(List.of(ToyModel.BOS));
            beamScores[beam] = beam == 0 ? 0 : -1e9f;
        }
        boolean done = false;
        while (!done && ids.get(0).size() < maxLength) {
            float[][] next = new float[beams][];
            for (int beam = 0; beam < beams; beam++) {
                next[beam] = processedScores.apply(ids.get(beam)).clone();
                for (int id = 0; id < next[beam].length; id++) {
                    next[beam][id] += beamScores[beam];
                }
            }
            int vocabulary = next[0].length;
            int[] flat = IntStream.range(0, beams * vocabulary)
                    .boxed()
                    .sorted(Comparator.comparing((Integer at) -> -next[at / vocabulary][at % vocabulary])
                            .thenComparing(at -> at))
                    .mapToInt(at -> at)
                    .limit(2L * beams)
                    .toArray();
            List<List<Integer>> nextIds = new ArrayList<>();
            float[] nextScores = new float[beams];
            for (int rank = 0; rank < flat.length && nextIds.size() < beams; rank++) {
                int beam = flat[rank] / vocabulary;
                int id = flat[rank] % vocabulary;
                if (id == ToyModel.EOS) {
                    if (rank < beams) {
                        add(ids.get(beam), next[beam][id]);
                    }
                } else {
                    nextScores[nextIds.size()] = next[beam][id];
                    List<Integer> longer = new ArrayList<>(ids.get(beam));
                    longer.add(id);
                    nextIds.add(longer);
                }
            }
            int currentLength = ids.get(0).size() + 1;
            float best = next[flat[0] / vocabulary][flat[0] % vocabulary];
            done = kept.size() >= beams && worstScore >= best / Math.pow(currentLength, lengthPenalty);
            ids = nextIds;
            beamScores = nextScores;
        }
        if (!done) {
            for (int beam = 0; beam < beams; beam++) {
                add(ids.get(beam), beamScores[beam]);
            }
        }
        return best(n);
    }

    private void add(List<Integer> ids, float sum) {
        double score = sum / Math.pow(ids.size(), lengthPenalty);
        if (kept.size() >= beams && score <= worstScore) {
            return;
        }
        kept.add(new Kept(score, ids));
        if (kept.size() <= beams) {
            worstScore = Math.min(score, worstScore);
            return;
        }
        List<Integer> ascending = ascending();
        worstScore = kept.get(ascending.get(1)).score();
        kept.remove((int) ascending.get(0));
    }

    private List<Kept> best(int n) {
        List<Integer> ascending = ascending();
        List<Kept> best = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            Kept hypothesis = kept.get(ascending.get(ascending.size() - 1 - i));
            List<Integer> ids =
                    new ArrayList<>(hypothesis.ids().subList(1, hypothesis.ids().size()));
            if (hypothesis.ids().size() < maxLength) {
                ids.add(ToyModel.EOS);
            }
            best.add(new Kept(hypothesis.score(), ids));
        }
        return best;
    }

    /** Indices by score, then by the order in which they were added. */
    private List<Integer> ascending() {
        List<Integer> indices = new ArrayList<>();
        for (int i = 0; i < kept.size(); i++) {
            indices.add(i);
        }
        indices.sort(Comparator.comparing(i -> kept.get(i).score()));
        return indices;
    }
}
