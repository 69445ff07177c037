package io.dromaius.cli.world;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.BiPredicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PictureReaderTest {
    private static final int CASES = 200;

    private final PictureReader reader = new PictureReader();

    @ParameterizedTest
    @ValueSource(ints = {64, 112})
    void readsThePaintersOwnPictures(int side) {
        Random random = new Random(side);
        RandomScenes scenes = new RandomScenes(random);
        Painter painter = new Painter(random);
        List<Scene> truths = new ArrayList<>();
        List<Scene> seen = new ArrayList<>();
        for (int i = 0; i < CASES; i++) {
            Scene truth = scenes.next(i % 5 == 0);
            truths.add(truth);
            seen.add(reader.look(painter.paint(truth, side)).scene());
        }

        assertMostly(truths, seen, "objects", (truth, other) -> Verdict.ofPicture(truth, other)
                .right());
        assertMostly(truths, seen, "sizes", (truth, other) -> sizes(truth).equals(sizes(other)));
        assertMostly(truths, seen, "background", (truth, other) -> truth.background() == other.background());
        assertMostly(truths, seen, "style", (truth, other) -> truth.style() == other.style());
    }

    @Test
    void refusesAWrongPicture() {
        Random random = new Random(3);
        RandomScenes scenes = new RandomScenes(random);
        Painter painter = new Painter(random);
        for (int i = 0; i < 60; i++) {
            Scene truth = scenes.next();
            for (Scene wrong : wrongsOf(truth, random)) {
                Scene seen = reader.look(painter.paint(wrong, 64)).scene();

                assertThat(Verdict.ofPicture(truth, seen).right())
                        .as("asked for %s, painted %s, seen %s", truth, wrong, seen)
                        .isFalse();
            }
        }
    }

    @Test
    void seesNothingOnAnEmptyGround() {
        for (Background background : Background.values()) {
            Scene empty = new Scene(List.of(), background, Style.FLAT);

            Seen seen = reader.look(new Painter(new Random(4)).paint(empty, 64));

            assertThat(seen.scene()).isEqualTo(empty);
            assertThat(seen.likeness()).isZero();
        }
    }

    @Test
    void isLessSureOfWhatIsNoneOfItsShapes() {
        BufferedImage noise = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
        Random random = new Random(5);
        for (int i = 0; i < 64 * 64; i++) {
            noise.setRGB(i % 64, i / 64, random.nextInt(1 << 24));
        }
        Thing star = new Thing(Shape.STAR, Colour.RED, Size.LARGE, Place.CENTER);
        Scene scene = new Scene(List.of(star), Background.WHITE, Style.FLAT);

        assertThat(reader.look(noise).likeness()).isLessThan(0.7);
        assertThat(reader.look(new Painter(random).paint(scene, 64)).likeness()).isGreaterThan(0.9);
    }

    private static void assertMostly(
            List<Scene> truths, List<Scene> seen, String what, BiPredicate<Scene, Scene> right) {
        int rights = 0;
        for (int i = 0; i < truths.size(); i++) {
            rights += right.test(truths.get(i), seen.get(i)) ? 1 : 0;
        }
        assertThat(rights).as(what).isGreaterThanOrEqualTo(truths.size() * 99 / 100);
    }

    /** With another shape, in another colour, without it. */
    private static List<Scene> wrongsOf(Scene scene, Random random) {
        Thing thing = scene.things().get(0);
        Shape shape = another(thing.shape(), Shape.values(), random);
        Colour colour = another(thing.colour(), Colour.values(), random);
        return List.of(
                withFirst(scene, List.of(thing.with(shape))),
                withFirst(scene, List.of(thing.with(colour))),
                withFirst(scene, List.of()));
    }

    private static <T> T another(T one, T[] values, Random random) {
        List<T> others = Arrays.stream(values).filter(value -> value != one).toList();
        return others.get(random.nextInt(others.size()));
    }

    private static Scene withFirst(Scene scene, List<Thing> first) {
        List<Thing> things = new ArrayList<>(first);
        things.addAll(scene.things().subList(1, scene.things().size()));
        return new Scene(things, scene.background(), scene.style());
    }

    private static List<Size> sizes(Scene scene) {
        return scene.things().stream().map(Thing::size).toList();
    }
}
