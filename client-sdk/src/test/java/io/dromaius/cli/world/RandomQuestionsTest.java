package io.dromaius.cli.world;

import static io.dromaius.cli.world.Scenes.STAR;
import static io.dromaius.cli.world.Scenes.STAR_AND_DISC;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RandomQuestionsTest {
    @Test
    void everyKindIsAskedAndAnsweredFromTheScene() {
        Map<String, String> asked = new HashMap<>();
        RandomQuestions questions = new RandomQuestions(new Random(1));
        for (int i = 0; i < 2000; i++) {
            Question question = questions.next(STAR_AND_DISC);
            asked.put(question.text(), question.answer());
        }

        assertThat(asked)
                .containsEntry("what color is the star?", "orange")
                .containsEntry("what shape is red?", "circle")
                .containsEntry("where is the circle?", "center")
                .containsEntry("how big is the orange object?", "large")
                .containsEntry("what is in the center?", "a red circle")
                .containsEntry("what is at the top?", "an orange star")
                .containsEntry("how many objects are there?", "two")
                .containsEntry("what style is it?", "outlined")
                .containsEntry("what color is the background?", "brown")
                .containsEntry("is there an orange star?", "yes")
                .containsEntry("is there a blue star?", "no")
                .containsEntry("is the star bigger than the circle?", "yes")
                .containsEntry("is the circle bigger than the star?", "no");
    }

    @Test
    void whatPicksOutNoOneIsNotAsked() {
        Scene twins = new Scene(
                List.of(STAR, new Thing(STAR.shape(), STAR.colour(), Size.SMALL, Place.BOTTOM)),
                Background.WHITE,
                Style.FLAT);
        RandomQuestions questions = new RandomQuestions(new Random(2));
        for (int i = 0; i < 500; i++) {
            assertThat(questions.next(twins).text())
                    .doesNotContain("the star")
                    .doesNotContain("shape")
                    .doesNotContain("the orange");
        }
    }

    @Test
    void answersAreComparedByMeaning() {
        assertThat(new Question("", "top left").answeredBy("The top left.")).isTrue();
        assertThat(new Question("", "a red circle").answeredBy("a Red circle")).isTrue();
        assertThat(new Question("", "top left").answeredBy("top")).isFalse();
        assertThat(new Question("", "yes").answeredBy("")).isFalse();
    }
}
