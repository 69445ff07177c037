package io.dromaius.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunFolderTest {
    @TempDir
    private Path parent;

    @Test
    void closingLeavesNothing() throws IOException {
        RunFolder folder = RunFolder.create(parent, "demo");
        Files.createDirectories(folder.path().resolve("logs"));
        Files.writeString(folder.path().resolve("logs/shard-0.log"), "x");

        folder.close();

        assertThat(parent).isEmptyDirectory();
    }

    @Test
    void whatAKilledRunLeftIsClearedAwayAndOnlyThat() throws Exception {
        Process ended = new ProcessBuilder("true").start();
        ended.waitFor();
        Files.createDirectories(parent.resolve("demo-" + ended.pid()).resolve("logs"));
        Path other = Files.createDirectories(parent.resolve("demo-of-mine"));
        Path running = Files.createDirectories(parent.resolve("demo-1"));

        RunFolder folder = RunFolder.create(parent, "demo");

        assertThat(parent.toFile().listFiles())
                .containsExactlyInAnyOrder(
                        other.toFile(), running.toFile(), folder.path().toFile());
    }
}
