package io.dromaius.cli.world;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RandomScenesTest {
    private static final Thing STAR = new Thing(Shape.STAR, Colour.RED, Size.LARGE, Place.TOP);

    @Test
    void everythingComesUpButWhatIsHeldOut() {
        RandomScenes scenes = new RandomScenes(new Random(1));
        Set<Object> met = new HashSet<>();
        for (int i = 0; i < 1000; i++) {
            Scene scene = scenes.next();
            met.addAll(List.of(scene.background(), scene.style(), scene.things().size()));
            for (Thing thing : scene.things()) {
                assertThat(thing.heldOut()).as("%s", thing).isFalse();
                met.addAll(List.of(thing.shape(), thing.colour(), thing.size(), thing.place()));
            }
        }

        assertThat(met).hasSize(4 + 4 + 3 + 6 + 8 + 2 + 9);
    }

    @Test
    void oneThingIsHeldOutWhenThatIsAskedFor() {
        RandomScenes scenes = new RandomScenes(new Random(2));
        for (int i = 0; i < 300; i++) {
            assertThat(scenes.next(true).things()).filteredOn(Thing::heldOut).hasSize(1);
        }
    }

    @Test
    void theSameSeedMakesTheSamePictureAndAnotherOneAnother() {
        assertThat(pixels(picture(7))).isEqualTo(pixels(picture(7)));
        assertThat(pixels(picture(7))).isNotEqualTo(pixels(picture(8)));
    }

    @Test
    void thingsAreKeptInReadingOrder() {
        Thing later = new Thing(Shape.CROSS, Colour.PINK, Size.SMALL, Place.BOTTOM_LEFT);

        Scene scene = new Scene(List.of(later, STAR), Background.GRAY, Style.DOTTED);

        assertThat(scene.things()).containsExactly(STAR, later);
    }

    @Test
    void twoThingsAtOnePlaceAreRefused() {
        List<Thing> things = List.of(STAR, STAR.with(Colour.BLUE));

        assertThatThrownBy(() -> new Scene(things, Background.GRAY, Style.FLAT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("two things at one place");
    }

    /** The same scene for every seed, painted anew. */
    private static BufferedImage picture(long seed) {
        return new Painter(new Random(seed)).paint(new Scene(List.of(STAR), Background.GRAY, Style.DOTTED), 112);
    }

    private static int[] pixels(BufferedImage picture) {
        return picture.getRGB(0, 0, 112, 112, null, 0, 112);
    }
}
