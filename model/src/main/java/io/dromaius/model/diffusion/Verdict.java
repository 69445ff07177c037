package io.dromaius.model.diffusion;

import java.util.ArrayList;
import java.util.List;

/**
 * What the safety checker thinks of a picture.
 *
 * @param concepts cosine with each concept
 * @param special cosine with each special-care concept
 */
public record Verdict(boolean flagged, List<Float> concepts, List<Float> special) {
    /** Of a picture that nothing looked at. */
    static final Verdict UNCHECKED = new Verdict(false, List.of(), List.of());

    public Verdict {
        concepts = List.copyOf(concepts);
        special = List.copyOf(special);
    }

    /**
     * The first special concept met makes those after it, and every other concept, stricter by the adjustment.
     *
     * @throws NotFiniteException if a cosine or a threshold is not finite: nothing exceeds what is no number
     */
    static Verdict of(
            float[] concepts, float[] thresholds, float[] special, float[] specialThresholds, double adjustment) {
        double adjusted = 0;
        for (int i = 0; i < special.length; i++) {
            if (exceeds(special[i], specialThresholds[i], adjusted)) {
                adjusted = adjustment;
            }
        }
        boolean flagged = false;
        for (int i = 0; i < concepts.length; i++) {
            flagged |= exceeds(concepts[i], thresholds[i], adjusted);
        }
        return new Verdict(flagged, boxed(concepts), boxed(special));
    }

    /** Rounded to three places, as the original rounds: a score of 0.0004 is not above the threshold. */
    private static boolean exceeds(float cosine, float threshold, double adjustment) {
        double excess = (double) cosine - threshold + adjustment;
        if (!Double.isFinite(excess)) {
            throw new NotFiniteException("what the safety checker makes of the picture is not finite");
        }
        return Math.rint(excess * 1000) > 0;
    }

    private static List<Float> boxed(float[] values) {
        List<Float> list = new ArrayList<>(values.length);
        for (float value : values) {
            list.add(value);
        }
        return list;
    }
}
