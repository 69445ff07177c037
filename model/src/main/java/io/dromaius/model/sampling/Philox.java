package io.dromaius.model.sampling;

/**
 * Philox 4x32-10: 128 random bits as a pure function of a 64-bit key and a 128-bit counter.
 *
 * <p>Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
 */
final class Philox {

    private static final int ROUNDS = 10;
    private static final long MULTIPLIER_0 = 0xD2511F53L;
    private static final long MULTIPLIER_1 = 0xCD9E8D57L;
    private static final int WEYL_0 = 0x9E3779B9;
    private static final int WEYL_1 = 0xBB67AE85;

    private Philox() {}

    /** Replaces the four words of {@code counter} by random ones. */
    static void encrypt(long key, int[] counter) {
        int key0 = (int) key;
        int key1 = (int) (key >>> 32);
        for (int round = 0; round < ROUNDS; round++) {
            long product0 = MULTIPLIER_0 * Integer.toUnsignedLong(counter[0]);
            long product1 = MULTIPLIER_1 * Integer.toUnsignedLong(counter[2]);
            counter[0] = (int) (product1 >>> 32) ^ counter[1] ^ key0;
            counter[1] = (int) product1;
            counter[2] = (int) (product0 >>> 32) ^ counter[3] ^ key1;
            counter[3] = (int) product0;
            key0 += WEYL_0;
            key1 += WEYL_1;
        }
    }
}
