package io.dromaius.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
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
    void whatAKilledRunLeftIsClearedAwayAndOnlyThat() throws IOException {
        Files.createDirectories(parent.resolve("demo-1/logs"));
        Files.createFile(parent.resolve("demo-1/run.lock"));
        Path other = Files.createDirectories(parent.resolve("demo-of-mine"));
        Path elsewhere = Files.createDirectories(parent.resolve("demo-2"));
        try (FileChannel lock = FileChannel.open(
                elsewhere.resolve("run.lock"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            lock.lock();

            RunFolder folder = RunFolder.create(parent, "demo");

            assertThat(parent.toFile().listFiles())
                    .containsExactlyInAnyOrder(
                            other.toFile(), elsewhere.toFile(), folder.path().toFile());
        }
    }

    @Test
    void aFolderThatAnotherCommandHasRemovedIsGone() throws IOException {
        RunFolder folder = RunFolder.create(parent, "demo");
        Files.delete(folder.path().resolve("run.lock"));
        Files.delete(folder.path());

        folder.close();

        assertThat(parent).isEmptyDirectory();
    }

    @Test
    void runsThatBeginTogetherClearWhatIsLeftWithoutMeeting() throws Exception {
        for (int i = 0; i < 50; i++) {
            Path left = Files.createDirectories(parent.resolve("demo-" + i).resolve("logs"));
            Files.createFile(left.resolveSibling("run.lock"));
            Files.createFile(left.resolve("shard-0.log"));
        }
        ExecutorService runs = Executors.newFixedThreadPool(2);
        CyclicBarrier together = new CyclicBarrier(2);
        Callable<RunFolder> run = () -> {
            together.await();
            return RunFolder.create(parent, "demo");
        };
        List<Future<RunFolder>> folders = runs.invokeAll(List.of(run, run), 30, TimeUnit.SECONDS);
        assertThat(parent.toFile().listFiles())
                .containsExactlyInAnyOrder(
                        folders.get(0).get().path().toFile(),
                        folders.get(1).get().path().toFile());
        runs.shutdownNow();
    }
}
