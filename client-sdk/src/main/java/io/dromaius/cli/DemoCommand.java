package io.dromaius.cli;

import io.dromaius.cli.cluster.ClusterOptions;
import io.dromaius.cli.cluster.LocalCluster;
import io.dromaius.cli.cluster.StateDirectory;
import io.dromaius.client.EmuClient;
import io.dromaius.client.GenerationOptions;
import io.dromaius.client.GenerationStream;
import io.dromaius.client.Prompt;
import io.dromaius.model.tiny.TinyCheckpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Shows a whole cluster at work, and leaves nothing behind but a picture. */
@Command(
        name = "demo",
        header = "Start a cluster, caption a picture, answer a question, draw a picture, stop.",
        description = {
            "Needs nothing: it makes a tiny checkpoint of random weights, so that every part of a real cluster runs, but"
                    + " the words mean nothing and the picture shows nothing. With --checkpoint they do.",
            ""
        })
final class DemoCommand implements Callable<Integer> {
    private final Terminal terminal;
    private final List<String> timings = new ArrayList<>();

    @Option(
            names = "--checkpoint",
            paramLabel = "PATH",
            description = "A model to use instead of the tiny one of random weights.")
    private @Nullable Path checkpoint;

    @Option(
            names = "--shards",
            paramLabel = "N",
            defaultValue = "2",
            description = "Shard workers (default: ${DEFAULT-VALUE}).")
    private int shards = 2;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            defaultValue = "emu-demo.png",
            description = "Where the drawn picture goes (default: ${DEFAULT-VALUE}).")
    private Path output = Path.of("emu-demo.png");

    DemoCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        RunFolder folder = RunFolder.create("demo");
        run(folder);
        // After a failure the logs stay, until the next demo.
        folder.close();
        terminal.print("");
        timings.forEach(terminal::print);
        return 0;
    }

    private void run(RunFolder folder) {
        Path model = timed("checkpoint", () -> checkpoint == null ? tiny(folder) : checkpoint);
        ClusterOptions options = ClusterOptions.small(folder.name(), new StateDirectory(folder.path()), model, shards);
        LocalCluster cluster = timed("start", () -> LocalCluster.start(options, Duration.ofMinutes(3), terminal));
        try (cluster;
                EmuClient emu = EmuClient.builder()
                        .endpoint(cluster.endpoint())
                        .deadline(Duration.ofMinutes(2))
                        .build()) {
            show(emu);
            terminal.print("");
            terminal.write(ClusterPicture.draw(emu.cluster()));
            timed("stop", () -> {
                cluster.close();
                return true;
            });
        }
    }

    private void show(EmuClient emu) {
        byte[] picture = DemoPicture.png();
        if (checkpoint == null) {
            terminal.print("The model has random weights: its words mean nothing, its picture shows nothing.");
        }
        terminal.print("");
        terminal.print("caption:  " + printable(timed("caption", () -> emu.caption(picture))));
        terminal.print("");
        terminal.print("question: What colour is the ball?");
        terminal.print(
                "answer:   " + printable(timed("answer", () -> emu.answer(picture, "What colour is the ball?"))));
        terminal.print("");
        terminal.print("drawing:  a blue ball on a hill");
        timed("draw", () -> draw(emu));
    }

    private boolean draw(EmuClient emu) {
        GenerationOptions options = GenerationOptions.image().imageSeed(1).build();
        try (GenerationStream events = emu.stream(Prompt.of("a blue ball on a hill"), options)) {
            new AnswerPrinter(terminal, output).print(events);
            return true;
        }
    }

    /** Random weights write control characters as gladly as letters. */
    private static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}", " ");
    }

    private static Path tiny(RunFolder folder) {
        try {
            return TinyCheckpoint.writeInstruct(
                    Files.createDirectories(folder.path().resolve("checkpoint")));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write a checkpoint to " + folder.path(), e);
        }
    }

    private <T> T timed(String what, Supplier<T> task) {
        long before = System.nanoTime();
        T result = task.get();
        timings.add(String.format(Locale.ROOT, "%-11s %6.2f s", what, (System.nanoTime() - before) / 1e9));
        return result;
    }
}
