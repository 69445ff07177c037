package io.dromaius.shard;

import static org.assertj.core.api.Assertions.assertThat;

import io.dromaius.model.llama.HeadResults;
import io.dromaius.model.llama.TextResult;
import io.dromaius.model.torch.Tensor;
import io.dromaius.proto.internal.v1.Draw;
import io.dromaius.proto.internal.v1.HeadRow;
import io.dromaius.proto.internal.v1.RegressHead;
import io.dromaius.proto.internal.v1.RowResult;
import io.dromaius.proto.internal.v1.TextHead;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeadReaderTest {
    private static final int VOCABULARY = 10;
    private static final TextHead GREEDY =
            TextHead.newBuilder().setCandidates(2).build();
    private static final TextHead DRAWN = TextHead.newBuilder()
            .setDraw(Draw.newBuilder().setTemperature(1).setTopP(1))
            .build();

    @Test
    void theBestIdIsTakenWithItsLogProbability() {
        RowResult row = read(GREEDY, found(new int[] {7, 3}, 2f, 1f));
        assertThat(row.getId()).isEqualTo(7);
        assertThat(row.getLogprob()).isEqualTo(-2f);
        assertThat(row.getCandidateIdsList()).containsExactly(7, 3);
    }

    @Test
    void scoresThatAreNotNumbersAreSaidOfTheirOwnRowAlone() {
        TextResult sound = found(new int[] {7, 3}, 2f, 1f);
        List<RowResult> rows = new HeadReader(List.of(head(DRAWN), head(DRAWN)), VOCABULARY)
                .results(texts(found(new int[] {5, 3}, Float.NaN, 1f), sound));
        assertThat(rows.get(0).getLogprob()).isNaN();
        assertThat(rows.get(1).getId()).isIn(7, 3);
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void aVectorThatIsNotFiniteIsSaidOfItsOwnRowAlone(float overflow) {
        HeadRow regress = HeadRow.newBuilder()
                .setRegress(RegressHead.getDefaultInstance())
                .build();
        try (HeadResults found = new HeadResults(
                List.of(found(new int[] {7}, 2f)),
                Optional.of(Tensor.of(new float[] {1, 2, 3, overflow, 5, 6}, 3, 2)))) {
            List<RowResult> rows =
                    new HeadReader(List.of(regress, head(GREEDY), regress, regress), VOCABULARY).results(found);
            assertThat(rows)
                    .extracting(row -> Float.isNaN(row.getLogprob()))
                    .containsExactly(false, false, true, false);
        }
    }

    @Test
    void anInfiniteScoreIsNoNumberEither() {
        assertThat(read(DRAWN, found(new int[] {5, 3}, Float.POSITIVE_INFINITY, 1f))
                        .getLogprob())
                .isNaN();
    }

    @Test
    void whereNothingComparesThereIsNoCandidate() {
        assertThat(read(GREEDY, found(new int[] {})).getLogprob()).isNaN();
    }

    @Test
    void whereNothingIsAllowedTheFirstCandidateSaysSo() {
        RowResult row = read(GREEDY, found(new int[] {0, 1}, Float.NEGATIVE_INFINITY, Float.NEGATIVE_INFINITY));
        assertThat(row.getCandidateScoresList()).containsOnly(Float.NEGATIVE_INFINITY);
        assertThat(row.getLogprob()).isEqualTo(-2f);
    }

    @Test
    void askedScoresThatAreNotNumbersAreSaidToo() {
        TextHead scoring = TextHead.newBuilder().addScoreIds(4).build();
        TextResult found = new TextResult(
                new int[0], new float[0], new float[0], new int[0], new float[0], new float[] {Float.NaN});
        assertThat(read(scoring, found).getLogprob()).isNaN();
        assertThat(read(scoring, found).getScoresList()).isEmpty();
    }

    private static RowResult read(TextHead head, TextResult found) {
        return new HeadReader(List.of(head(head)), VOCABULARY)
                .results(texts(found))
                .get(0);
    }

    private static HeadRow head(TextHead text) {
        return HeadRow.newBuilder().setText(text).build();
    }

    private static HeadResults texts(TextResult... found) {
        return new HeadResults(List.of(found), Optional.empty());
    }

    /** Candidates with these scores; the log-probability of each is -2. */
    private static TextResult found(int[] ids, float... scores) {
        float[] logprobs = new float[ids.length];
        Arrays.fill(logprobs, -2f);
        return new TextResult(ids, scores, logprobs, new int[0], new float[0], new float[0]);
    }
}
