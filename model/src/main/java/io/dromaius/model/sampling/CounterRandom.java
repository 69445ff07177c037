package io.dromaius.model.sampling;

/**
 * Random numbers without state: each is a pure function of a seed and of what it is for, so neither batching nor preemption nor
 * another split of the model changes it. The same on every machine.
 */
public final class CounterRandom {

    // The last word of the counter keeps the two uses of one seed apart.
    private static final int TOKENS = 0;
    private static final int NOISE = 1;

    private static final double TWO_TO_MINUS_53 = 0x1.0p-53;

    private CounterRandom() {}

    /** A number uniform in [0, 1) for the token at {@code position} of answer {@code candidate}. */
    public static double uniform(long seed, int candidate, int position) {
        int[] words = {candidate, position, 0, TOKENS};
        Philox.encrypt(seed, words);
        return uniform(words[0], words[1]);
    }

    /** {@code count} independent standard normal numbers: the first {@code count} of the seed's one sequence. */
    public static float[] normals(long seed, int count) {
        float[] normals = new float[count];
        int[] words = new int[4];
        for (int i = 0; i < count; i += 2) {
            words[0] = i;
            words[1] = 0;
            words[2] = 0;
            words[3] = NOISE;
            Philox.encrypt(seed, words);
            // Box-Muller; 1 - u is never 0. StrictMath, because Math may differ by a bit between machines.
            double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - uniform(words[0], words[1])));
            double angle = 2 * Math.PI * uniform(words[2], words[3]);
            normals[i] = (float) (radius * StrictMath.cos(angle));
            if (i + 1 < count) {
                normals[i + 1] = (float) (radius * StrictMath.sin(angle));
            }
        }
        return normals;
    }

    private static double uniform(int high, int low) {
        long bits = Integer.toUnsignedLong(high) << 32 | Integer.toUnsignedLong(low);
        return (bits >>> 11) * TWO_TO_MINUS_53;
    }
}
