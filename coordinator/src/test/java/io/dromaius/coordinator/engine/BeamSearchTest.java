package io.dromaius.coordinator.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dromaius.coordinator.engine.BeamSearch.Beam;
import io.dromaius.coordinator.engine.Hypotheses.Hypothesis;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BeamSearchTest {
    private static final int EOS = ToyModel.EOS;
    private static final float NEVER = Float.NEGATIVE_INFINITY;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6})
    void findsWhatTheReferenceFinds(int seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 100; round++) {
            int beams = 2 + random.nextInt(5);
            float lengthPenalty = new float[] {-1, 0, 0.5f, 1, 2}[random.nextInt(5)];
            int maxTokens = 1 + random.nextInt(10);
            Function<List<Integer>, float[]> scores = processed(random);
            List<ReferenceBeamSearch.Kept> expected =
                    new ReferenceBeamSearch(beams, lengthPenalty, maxTokens, scores).run(beams);
            List<Hypothesis> found = search(beams, lengthPenalty, maxTokens, scores);
            assertThat(found).extracting(Hypothesis::ids).isEqualTo(ids(expected));
            assertThat(found)
                    .extracting(Hypothesis::score)
                    .isEqualTo(expected.stream()
                            .map(ReferenceBeamSearch.Kept::score)
                            .toList());
        }
    }

    @Test
    void anEndAmongTheFirstRanksFinishesAHypothesisAndALaterOneIsDropped() {
        BeamSearch search = new BeamSearch(2, 0, EOS, 10);
        search.advance(same(scored(4, -1f, 5, -2f, EOS, -3f, 6, -4f)));
        assertThat(search.open()).extracting(Beam::ids).containsExactly(List.of(4), List.of(5));
        search.advance(List.of(scored(EOS, -1f, 7, -2f, 8, -3f, 9, -4f), scored(EOS, -2.5f, 7, -3f, 8, -4f, 9, -5f)));
        // Sums: -2 end, -3 and -4 go on; the other beam's end at -4.5 comes fourth and is dropped.
        assertThat(search.open()).extracting(Beam::ids).containsExactly(List.of(4, 7), List.of(4, 8));
        assertThat(search.open()).extracting(Beam::parent).containsExactly(0, 0);
        assertThat(search.open()).extracting(Beam::sum).containsExactly(-3f, -4f);
        assertThat(search.done()).isFalse();
    }

    @Test
    void endsWhenNoBeamCanDisplaceTheWorstHypothesis() {
        BeamSearch search = new BeamSearch(2, 0, EOS, 10);
        search.advance(same(scored(EOS, -1f, 4, -2f, 5, -3f, 6, -4f)));
        assertThat(search.done()).isFalse();
        search.advance(List.of(scored(6, -0.25f, EOS, -0.5f, 8, -4f, 9, -5f), scored(7, -6f, 8, -7f, 9, -8f, 10, -9f)));
        assertThat(search.done()).isFalse();
        search.advance(List.of(scored(7, -6f, 8, -7f, 9, -8f, 10, -9f), scored(7, -6f, 8, -7f, 9, -8f, 10, -9f)));
        assertThat(search.done()).isTrue();
        assertThat(search.best(2))
                .containsExactly(new Hypothesis(List.of(EOS), -1, true), new Hypothesis(List.of(4, EOS), -2.5, true));
        assertThatThrownBy(() -> search.advance(List.of())).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void openBeamsCountAtTheLongestLength() {
        BeamSearch search = new BeamSearch(2, 1, EOS, 1);
        search.advance(same(scored(4, -1f, EOS, -2f, 5, -3f, 6, -4f)));
        // Lengths count BOS: the end was reached at length 1, the open beams have length 2.
        assertThat(search.best(2))
                .containsExactly(new Hypothesis(List.of(4), -0.5, false), new Hypothesis(List.of(5), -1.5, false));
    }

    @Test
    void ofEqualHypothesesTheOneAddedLaterIsBetter() {
        Hypotheses hypotheses = new Hypotheses(2, 0);
        hypotheses.add(List.of(4), 2, -1, false);
        hypotheses.add(List.of(5), 2, -1, false);
        hypotheses.add(List.of(6), 2, -1, false);
        assertThat(hypotheses.best(2)).extracting(Hypothesis::ids).containsExactly(List.of(5), List.of(4));
        hypotheses.add(List.of(7), 2, -0.5f, false);
        assertThat(hypotheses.best(2)).extracting(Hypothesis::ids).containsExactly(List.of(7), List.of(5));
    }

    private static List<Hypothesis> search(
            int beams, float lengthPenalty, int maxTokens, Function<List<Integer>, float[]> scores) {
        BeamSearch search = new BeamSearch(beams, lengthPenalty, EOS, maxTokens);
        while (!search.done()) {
            List<List<ScoredId>> candidates = new ArrayList<>();
            for (Beam beam : search.open()) {
                List<Integer> ids = new ArrayList<>(List.of(ToyModel.BOS));
                ids.addAll(beam.ids());
                List<ScoredId> sorted = sorted(scores.apply(ids));
                candidates.add(sorted.subList(0, Math.min(2 * beams, sorted.size())));
            }
            search.advance(candidates);
        }
        return search.best(beams);
    }

    /** Scores with few different values, so that sums are often equal, under bans, barred ends and allowed sequences. */
    private static Function<List<Integer>, float[]> processed(Random random) {
        int vocabulary = 12;
        int salt = random.nextInt();
        int steps = random.nextBoolean() ? 4 : 1000;
        int ngram = random.nextInt(3);
        int minTokens = random.nextInt(4);
        boolean constrained = random.nextInt(3) == 0;
        Map<List<Integer>, Set<Integer>> allowed = Map.of(
                List.of(ToyModel.BOS), Set.of(3, 4),
                List.of(ToyModel.BOS, 3), Set.of(5, EOS),
                List.of(ToyModel.BOS, 3, 5), Set.of(EOS),
                List.of(ToyModel.BOS, 4), Set.of(6),
                List.of(ToyModel.BOS, 4, 6), Set.of(EOS));
        return ids -> {
            float[] scores = new float[vocabulary];
            Random row = new Random(ids.hashCode() * 31L + salt);
            for (int id = 0; id < vocabulary; id++) {
                scores[id] = -row.nextInt(4 * steps) / (float) steps - (id == EOS ? 0.25f : 1);
                boolean tooEarly = id == EOS && ids.size() - 1 < minTokens;
                boolean notAllowed =
                        constrained && !allowed.getOrDefault(ids, Set.of()).contains(id);
                if (tooEarly || notAllowed || repeats(ids, id, ngram)) {
                    scores[id] = NEVER;
                }
            }
            return scores;
        };
    }

    private static boolean repeats(List<Integer> ids, int id, int ngram) {
        List<Integer> longer = new ArrayList<>(ids);
        longer.add(id);
        for (int i = 0; ngram > 0 && i + ngram < longer.size(); i++) {
            if (longer.subList(i, i + ngram).equals(longer.subList(longer.size() - ngram, longer.size()))) {
                return true;
            }
        }
        return false;
    }

    private static List<ScoredId> sorted(float[] scores) {
        List<ScoredId> sorted = new ArrayList<>();
        for (int id = 0; id < scores.length; id++) {
            sorted.add(new ScoredId(id, scores[id]));
        }
        sorted.sort(Comparator.comparing(ScoredId::score).reversed());
        return sorted;
    }

    private static List<List<ScoredId>> same(List<ScoredId> candidates) {
        return List.of(candidates, candidates);
    }

    private static List<ScoredId> scored(Object... idsAndScores) {
        List<ScoredId> scored = new ArrayList<>();
        for (int i = 0; i < idsAndScores.length; i += 2) {
            scored.add(new ScoredId((Integer) idsAndScores[i], (Float) idsAndScores[i + 1]));
        }
        return scored;
    }

    private static List<List<Integer>> ids(List<ReferenceBeamSearch.Kept> kept) {
        return kept.stream().map(ReferenceBeamSearch.Kept::ids).toList();
    }
}
