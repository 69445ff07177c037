package io.dromaius.cli.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LackingSetTest {
    @TempDir
    private Path directory;

    @Test
    void aStageWithoutItsCasesIsNamed() throws IOException {
        for (Model model : Model.values()) {
            Files.createDirectories(directory.resolve(model.folder()));
        }
        Files.createDirectories(directory.resolve("cases"));
        GoldenSet set = new GoldenSet(directory);

        assertThatThrownBy(() -> new GenerateCases(set).all())
                .isInstanceOf(MissingCasesException.class)
                .hasMessage("the set lacks cases/generate/generate.json");
        assertThatThrownBy(() -> new ShortAnswerStage(set).run(new Tally("short_answer")))
                .hasMessage("the set lacks cases/tokenizer/short_answer.json");
        assertThat(InProcessStages.of(set)).allSatisfy(stage -> assertThatThrownBy(() -> stage.run(new Tally("any")))
                .isInstanceOf(Exception.class));
    }
}
