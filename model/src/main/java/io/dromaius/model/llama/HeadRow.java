package io.dromaius.model.llama;

import java.util.List;

/** One reading of a row of the last layer's output. Several may read the same row. */
public sealed interface HeadRow {
    /** Index among the rows of the step. */
    int row();

    /** {@code stu_regress_head}: one visual embedding. */
    record Regress(int row) implements HeadRow {}

    /** {@code lm_head}: candidates for the next token. */
    record Text(int row, TextHead head) implements HeadRow {}

    /** The regress rows among these, in order. */
    static List<Regress> regress(List<HeadRow> rows) {
        return rows.stream()
                .filter(Regress.class::isInstance)
                .map(Regress.class::cast)
                .toList();
    }

    /** The text rows among these, in order. */
    static List<Text> text(List<HeadRow> rows) {
        return rows.stream()
                .filter(Text.class::isInstance)
                .map(Text.class::cast)
                .toList();
    }
}
