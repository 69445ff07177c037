package io.dromaius.shard;

import com.google.common.primitives.Floats;
import com.google.common.primitives.Ints;
import io.dromaius.model.llama.HeadResults;
import io.dromaius.model.llama.TextResult;
import io.dromaius.model.sampling.Sampler;
import io.dromaius.model.torch.Tensor;
import io.dromaius.proto.internal.v1.Draw;
import io.dromaius.proto.internal.v1.HeadRow;
import io.dromaius.proto.internal.v1.RowResult;
import io.dromaius.proto.internal.v1.TextHead;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** Says what the heads of a step want of the model, and puts what it found into words. Draws are made here. */
final class HeadReader {
    private static final RowResult NOT_FINITE =
            RowResult.newBuilder().setLogprob(Float.NaN).build();

    private final List<HeadRow> heads;
    private final int vocabulary;

    HeadReader(List<HeadRow> heads, int vocabulary) {
        this.heads = heads;
        this.vocabulary = vocabulary;
    }

    List<io.dromaius.model.llama.HeadRow> wanted() {
        List<io.dromaius.model.llama.HeadRow> wanted = new ArrayList<>(heads.size());
        for (HeadRow head : heads) {
            wanted.add(
                    head.hasText()
                            ? new io.dromaius.model.llama.HeadRow.Text(head.getRow(), wanted(head.getText()))
                            : new io.dromaius.model.llama.HeadRow.Regress(head.getRow()));
        }
        return wanted;
    }

    private io.dromaius.model.llama.TextHead wanted(TextHead head) {
        return new io.dromaius.model.llama.TextHead(
                head.getOnLogProbabilities(),
                Ints.toArray(head.getHistoryList()),
                head.getRepetitionPenalty(),
                head.getNoRepeatNgramSize(),
                head.getBarEndOfSequence(),
                head.getConstrained(),
                Ints.toArray(head.getAllowedIdsList()),
                candidates(head),
                head.hasDraw(),
                head.getLogprobs(),
                Ints.toArray(head.getScoreIdsList()));
    }

    /** A draw needs all that its filters may keep, which without top-k may be the whole vocabulary. */
    private int candidates(TextHead head) {
        if (!head.hasDraw()) {
            return head.getCandidates();
        }
        int topK = head.getDraw().getTopK();
        return topK == 0 || topK > vocabulary ? vocabulary : Math.max(topK, head.getCandidates());
    }

    /** One result for each head; what is not finite is its own row's loss alone, for those beside it are other people's. */
    List<RowResult> results(HeadResults found) {
        List<RowResult> results = new ArrayList<>(heads.size());
        Iterator<TextResult> texts = found.texts().iterator();
        // Looked at together: row by row only if one of them is not.
        boolean allFinite = found.vectors().map(Tensor::isFinite).orElse(true);
        int vectors = 0;
        for (HeadRow head : heads) {
            if (head.hasText()) {
                results.add(result(head.getText(), texts.next()));
            } else {
                boolean finite = allFinite || isFinite(found.vectors().orElseThrow(), vectors);
                results.add(finite ? RowResult.getDefaultInstance() : NOT_FINITE);
                vectors++;
            }
        }
        return results;
    }

    private RowResult result(TextHead head, TextResult found) {
        if (!isFinite(head, found)) {
            return NOT_FINITE;
        }
        RowResult.Builder result = RowResult.newBuilder()
                .addAllLogprobIds(Ints.asList(found.topIds()))
                .addAllLogprobs(Floats.asList(found.topLogprobs()))
                .addAllScores(Floats.asList(found.scored()));
        if (found.ids().length > 0) {
            // Where bans and constraints leave nothing, the first candidate is as good as any and its score says so.
            boolean nothingAllowed = found.scores()[0] == Float.NEGATIVE_INFINITY;
            int chosen = head.hasDraw() && !nothingAllowed ? Sampler.draw(draw(head.getDraw()), found.scores()) : 0;
            int candidates = Math.min(head.getCandidates(), found.ids().length);
            result.setId(found.ids()[chosen])
                    .setLogprob(found.idLogprobs()[chosen])
                    .addAllCandidateIds(Ints.asList(found.ids()).subList(0, candidates))
                    .addAllCandidateScores(Floats.asList(found.scores()).subList(0, candidates));
        }
        return result.build();
    }

    /** What is not a number counts as the greatest: then it comes first, or nothing compares with it and there is no candidate. */
    private boolean isFinite(TextHead head, TextResult found) {
        boolean best =
                candidates(head) == 0 || (found.scores().length > 0 && found.scores()[0] < Float.POSITIVE_INFINITY);
        boolean asked = found.scored().length == 0 || !Float.isNaN(found.scored()[0]);
        return best && asked;
    }

    private static boolean isFinite(Tensor vectors, int row) {
        try (Tensor vector = vectors.rows(row, row + 1)) {
            return vector.isFinite();
        }
    }

    private static io.dromaius.model.sampling.Draw draw(Draw draw) {
        return new io.dromaius.model.sampling.Draw(
                draw.getTemperature(),
                draw.getTopK(),
                draw.getTopP(),
                draw.getSeed(),
                draw.getCandidate(),
                draw.getPosition());
    }
}
