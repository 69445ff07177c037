package io.dromaius.cli;

import io.dromaius.cli.cluster.LocalCluster;
import io.dromaius.client.EmuClient;
import io.dromaius.model.tiny.TinyCheckpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows a whole cluster at work, and leaves nothing behind but two pictures. */
@Command(
        name = "demo",
        header = "Start a cluster, caption a picture, answer a question, draw a picture, stop.",
        description = {
            "The picture is painted afresh each time: one to three shapes on a 3 x 3 grid. What the model says of it is"
                    + " printed beside the truth; what it draws is looked at by a reader that knows no model, which"
                    + " gives its verdict. The model is the small one of this project, trained on such pictures"
                    + " (demo/emu-demo); where that folder is missing, one of random weights is made, so that every"
                    + " part of a real cluster runs, but the words mean nothing and the picture shows nothing.",
            ""
        })
final class DemoCommand implements Callable<Integer> {
    /** Seeds that are easy to type again. */
    private static final int SEEDS = 1_000_000;

    private final Terminal terminal;
    private final DemoTimings timings = new DemoTimings();

    @Mixin
    private OwnClusterMixin own = new OwnClusterMixin();

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Repeats the pictures and the question of the run that printed it (default: fresh ones).")
    private @Nullable Long seed;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            defaultValue = "emu-demo.png",
            description = "Where the drawn picture goes; the painted one is put beside it (default: ${DEFAULT-VALUE}).")
    private Path output = Path.of("emu-demo.png");

    DemoCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        OutputFile.writable(output, "picture");
        RunFolder folder = RunFolder.create("demo");
        run(folder);
        // After a failure the logs stay, until the next demo.
        folder.close();
        terminal.print("");
        timings.lines().forEach(terminal::print);
        return 0;
    }

    private void run(RunFolder folder) {
        Optional<Path> known = own.checkpoint().or(DemoModel::trained);
        Path model = timings.timed("checkpoint", () -> known.orElseGet(() -> tiny(folder)));
        LocalCluster cluster = timings.timed(
                "start", () -> LocalCluster.start(own.options(folder, model), Duration.ofMinutes(3), terminal));
        try (cluster;
                EmuClient emu = EmuClient.builder()
                        .endpoint(cluster.endpoint())
                        .deadline(Duration.ofMinutes(2))
                        .build()) {
            long repeatable = seed == null ? new Random().nextInt(SEEDS) : seed;
            terminal.print(
                    known.isPresent()
                            ? "model:     " + model
                            : "The model has random weights: its words mean nothing, its picture shows nothing.");
            terminal.print("seed:      " + repeatable + " (--seed " + repeatable + " shows the same again)");
            new DemoTour(terminal, DemoModel.of(model), emu, timings, repeatable, output).show();
            terminal.print("");
            terminal.write(ClusterPicture.draw(emu.cluster()));
            timings.timed("stop", () -> {
                cluster.close();
                return true;
            });
        }
    }

    private static Path tiny(RunFolder folder) {
        try {
            return TinyCheckpoint.writeInstruct(folder.path().resolve("model"));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write a checkpoint to " + folder.path(), e);
        }
    }
}
