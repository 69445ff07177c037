package io.dromaius.shard;

import io.dromaius.proto.internal.v1.Draw;
import io.dromaius.proto.internal.v1.HeadRow;
import io.dromaius.proto.internal.v1.TextHead;
import java.util.List;

/** Finds heads that the last stage could not read. */
final class HeadCheck {
    private final int vocabulary;

    HeadCheck(int vocabulary) {
        this.vocabulary = vocabulary;
    }

    void check(List<HeadRow> heads, int rows) {
        for (HeadRow head : heads) {
            InvalidFrameException.check(
                    head.getRow() >= 0 && head.getRow() < rows,
                    "a head reads row %s of %s",
                    Integer.toUnsignedString(head.getRow()),
                    rows);
            switch (head.getHeadCase()) {
                case TEXT -> checkText(head.getText());
                case REGRESS -> {}
                case HEAD_NOT_SET -> throw new InvalidFrameException("a head row has no head");
            }
        }
    }

    private void checkText(TextHead head) {
        float penalty = head.getRepetitionPenalty();
        InvalidFrameException.check(penalty > 0 && penalty < Float.POSITIVE_INFINITY, "repetition penalty %s", penalty);
        checkCount(head.getCandidates(), "candidates");
        checkCount(head.getLogprobs(), "log-probabilities");
        InvalidFrameException.check(head.getNoRepeatNgramSize() >= 0, "an n-gram size is over 2^31");
        checkIds(head.getHistoryList(), "a history");
        checkIds(head.getAllowedIdsList(), "a constraint");
        checkIds(head.getScoreIdsList(), "a scored id");
        if (head.hasDraw()) {
            checkDraw(head.getDraw());
        }
    }

    private void checkDraw(Draw draw) {
        float temperature = draw.getTemperature();
        InvalidFrameException.check(
                temperature > 0 && temperature < Float.POSITIVE_INFINITY, "temperature %s", temperature);
        InvalidFrameException.check(draw.getTopP() > 0 && draw.getTopP() <= 1, "top_p %s", draw.getTopP());
        InvalidFrameException.check(draw.getTopK() >= 0, "top_k is over 2^31");
    }

    private void checkCount(int count, String what) {
        InvalidFrameException.check(
                count >= 0 && count <= vocabulary, "%s of %s, %s", Integer.toUnsignedString(count), vocabulary, what);
    }

    void checkIds(List<Integer> ids, String what) {
        for (int id : ids) {
            InvalidFrameException.check(
                    id >= 0 && id < vocabulary, "%s has the id %s", what, Integer.toUnsignedString(id));
        }
    }
}
