package io.dromaius.cli.world;

import static io.dromaius.cli.world.Scenes.DISC;
import static io.dromaius.cli.world.Scenes.STAR;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class VerdictTest {
    private static final Thing SMALL_STAR = new Thing(Shape.STAR, Colour.ORANGE, Size.SMALL, Place.TOP);

    @Test
    void aPictureIsRightWithEveryObjectAndNoOther() {
        assertThat(Verdict.ofPicture(flat(STAR, DISC), flat(SMALL_STAR, DISC))).hasToString("right");
        assertThat(Verdict.ofPicture(flat(STAR, DISC), flat(STAR)))
                .hasToString("wrong: nothing in the center, not a red circle");
        assertThat(Verdict.ofPicture(flat(STAR), flat(STAR, DISC)))
                .hasToString("wrong: a red circle in the center, where nothing was to be");
        assertThat(Verdict.ofPicture(flat(STAR, DISC), flat(STAR.with(Shape.CROSS), DISC.with(Colour.CYAN))))
                .hasToString(
                        "wrong: an orange cross at the top, not an orange star; a cyan circle in the center, not a red circle");
    }

    @Test
    void aCaptionMustSaySizesGroundAndStyleToo() {
        Scene said = new Scene(List.of(SMALL_STAR), Background.BLACK, Style.STRIPED);

        assertThat(Verdict.ofCaption(flat(STAR), Optional.of(said)))
                .hasToString("wrong: the orange star small, not large; black background, not gray; striped, not flat");
        assertThat(Verdict.ofCaption(flat(STAR), Optional.of(flat(STAR)))).hasToString("right");
    }

    private static Scene flat(Thing... things) {
        return new Scene(List.of(things), Background.GRAY, Style.FLAT);
    }
}
