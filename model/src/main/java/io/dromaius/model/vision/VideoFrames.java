package io.dromaius.model.vision;

/** Which frames of a video the model is shown. */
public final class VideoFrames {
    private VideoFrames() {}

    /**
     * Indices of {@code count} frames spread over a video of {@code total}, in order, by the reference's {@code get_index}.
     * A short video repeats frames.
     */
    public static int[] indices(int total, int count) {
        if (total < 1 || count < 1) {
            throw new IllegalArgumentException(count + " frames of a video with " + total);
        }
        double segment = (total - 1.0) / count;
        int start = (int) (segment / 2);
        int[] indices = new int[count];
        for (int i = 0; i < count; i++) {
            indices[i] = start + (int) Math.rint(segment * i); // half to even, as numpy rounds
        }
        return indices;
    }
}
