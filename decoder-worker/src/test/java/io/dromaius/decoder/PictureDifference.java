package io.dromaius.decoder;

import static org.assertj.core.api.Assertions.assertThat;

import io.dromaius.model.vision.RgbImage;

/** How far two pictures may differ that were computed in another order. */
final class PictureDifference {
    private PictureDifference() {}

    /** At most 1, in less than one byte of a hundred. */
    static void assertAlmostEqual(RgbImage expected, RgbImage actual) {
        assertThat(actual.width()).isEqualTo(expected.width());
        assertThat(actual.height()).isEqualTo(expected.height());
        int different = 0;
        for (int i = 0; i < expected.samples().length; i++) {
            int difference =
                    Math.abs(Byte.toUnsignedInt(expected.samples()[i]) - Byte.toUnsignedInt(actual.samples()[i]));
            assertThat(difference).isLessThanOrEqualTo(1);
            different += difference;
        }
        assertThat(different).isLessThan(expected.samples().length / 100);
    }
}
