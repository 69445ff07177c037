package io.dromaius.model.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VerdictTest {
    private static final float[] NONE = {};

    @Test
    void aCosineOverItsThresholdIsFlagged() {
        assertThat(flagged(new float[] {0.3f, 0.2f}, NONE)).isTrue();
        assertThat(flagged(new float[] {0.2f, 0.2f}, NONE)).isFalse();
    }

    @Test
    void scoresAreRoundedToThreePlaces() {
        assertThat(flagged(new float[] {0.2504f}, NONE)).isFalse();
        assertThat(flagged(new float[] {0.2506f}, NONE)).isTrue();
    }

    @Test
    void aSpecialConceptMakesTheOthersStricter() {
        assertThat(flagged(new float[] {0.245f}, new float[] {0.24f})).isFalse();
        assertThat(flagged(new float[] {0.245f}, new float[] {0.26f})).isTrue();
    }

    @Test
    void aSpecialConceptMakesOnlyLaterSpecialOnesStricter() {
        float[] concepts = {0.245f};
        float[] thresholds = {0.25f};
        // The first would be met only with the adjustment that the second brings.
        Verdict verdict =
                Verdict.of(concepts, thresholds, new float[] {0.245f, 0.2f}, new float[] {0.25f, 0.25f}, 0.01);
        assertThat(verdict.flagged()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY})
    void whatIsNotFiniteIsNoVerdict(float cosine) {
        assertThatThrownBy(() -> flagged(new float[] {0.2f, cosine}, NONE)).isInstanceOf(NotFiniteException.class);
        assertThatThrownBy(() -> flagged(new float[] {0.2f}, new float[] {cosine}))
                .isInstanceOf(NotFiniteException.class);
    }

    private static boolean flagged(float[] concepts, float[] special) {
        return Verdict.of(concepts, thresholds(concepts), special, thresholds(special), 0.01)
                .flagged();
    }

    private static float[] thresholds(float[] values) {
        float[] thresholds = new float[values.length];
        java.util.Arrays.fill(thresholds, 0.25f);
        return thresholds;
    }
}
