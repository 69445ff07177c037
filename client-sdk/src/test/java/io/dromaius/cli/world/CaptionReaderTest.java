package io.dromaius.cli.world;

import static io.dromaius.cli.world.Scenes.STAR_AND_DISC;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CaptionReaderTest {
    @Test
    void readsEveryWording() {
        RandomScenes scenes = new RandomScenes(new Random(1));
        for (int i = 0; i < 300; i++) {
            Scene scene = scenes.next();
            for (String caption : Captions.all(scene)) {
                assertThat(CaptionReader.read(caption)).as(caption).contains(scene);
            }
        }
    }

    @Test
    void minglesNeitherCaseNorSpaces() {
        String caption = Captions.plain(STAR_AND_DISC).toUpperCase(Locale.ROOT).replace(" ", " \n ");

        assertThat(CaptionReader.read(caption)).contains(STAR_AND_DISC);
    }

    @Test
    void aWrongWordMakesAnotherScene() {
        String caption = Captions.plain(STAR_AND_DISC).replace("outlined", "flat");

        Verdict verdict = Verdict.ofCaption(STAR_AND_DISC, CaptionReader.read(caption));

        assertThat(verdict).hasToString("wrong: flat, not outlined");
    }

    @Test
    void aCaptionWithoutEverythingSaysNoScene() {
        for (String caption : List.of(
                "",
                "a picture.",
                "a large orange star at the top.",
                "a flat striped picture, at the top a large orange star, on a white background.",
                "a flat picture of a large orange star on a white background.",
                "a flat picture, at the top a large orange star on white, on a black background.",
                "a flat picture, at the top a large orange star and at the top a small red circle, on white.")) {
            assertThat(CaptionReader.read(caption)).as(caption).isEmpty();
        }
        assertThat(Verdict.ofCaption(STAR_AND_DISC, CaptionReader.read("a picture."))
                        .right())
                .isFalse();
    }

    @Test
    void aCaptionThatSaysMoreSaysNoScene() {
        String right = "a small red circle at the top. it is flat on white.";
        assertThat(CaptionReader.read(right)).isPresent();

        for (String wrong : List.of(
                right.replace("the top", "the top and a blue square at the left"),
                right.replace("the top", "the top and large blue squares at the left"),
                right.replace("the top", "the top and a large star"),
                right.replace("the top", "the top, at the left"),
                right.replace("the top", "the topmost"),
                right.replace("flat on", "not flat on"),
                right.replace("flat on white", "flatwhite white"),
                "there is not " + right,
                "a flat picture, at the top a small red circle at the left, on a white background.")) {
            assertThat(CaptionReader.read(wrong)).as(wrong).isEmpty();
        }
    }
}
