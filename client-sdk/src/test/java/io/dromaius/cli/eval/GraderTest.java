package io.dromaius.cli.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dromaius.cli.CommandFailure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GraderTest {
    @TempDir
    Path home;

    @BeforeEach
    void aGraderIsThere() throws Exception {
        Files.createDirectories(home.resolve("grade"));
        Files.createFile(home.resolve("grade/__main__.py"));
    }

    @Test
    void whatItPrintsWhenItFailsIsTheReasonWithTheNextStep() throws Exception {
        Path python = home.resolve("python");
        Files.writeString(python, "#!/bin/sh\necho \"called with $*\"\necho 'numpy is not here' >&2\nexit 3\n");
        Files.setPosixFilePermissions(python, PosixFilePermissions.fromString("rwx------"));

        assertThatThrownBy(() -> new Grader(home, python.toString()).write(home, 4, List.of("captions")))
                .isInstanceOfSatisfying(
                        CommandFailure.class, failure -> assertThat(failure.getMessage() + failure.nextStep())
                                .contains("status 3", "-m grade write " + home + " --cases 4 --paper captions")
                                .contains("numpy is not here", "pip install -r"));
    }

    @Test
    void anInterpreterThatIsNotThereIsNamed() {
        assertThatThrownBy(() -> new Grader(home, "no-such-python").write(home, 4, List.of()))
                .isInstanceOf(CommandFailure.class)
                .hasMessageContaining("no-such-python");
    }

    @Test
    void aFolderWithoutGraderIsRefused() {
        assertThatThrownBy(() -> new Grader(home.resolve("elsewhere"), "python3"))
                .isInstanceOf(CommandFailure.class)
                .hasMessageContaining("elsewhere");
    }
}
