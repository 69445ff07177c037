package io.dromaius.cli;

import io.dromaius.cli.conformance.Certification;
import io.dromaius.cli.conformance.GoldenSet;
import io.dromaius.cli.conformance.Model;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Certifies this program, on this machine, against reference results. */
@Command(
        name = "conformance",
        header = "Certify this installation against reference results.",
        description = {
            "DIR holds checkpoints (emu-tiny/, emu-tiny-instruct/) and what the reference implementation makes of them"
                    + " (cases/). Every case is run inside this process where that is possible, then a cluster is started"
                    + " for each checkpoint and number of shards, and asked over gRPC: each case alone, then all at once.",
            "",
            "Prints a line for each stage: cases run, failures, the largest error against its tolerance. The exit status"
                    + " is 0 only if every case has been run and none has failed.",
            ""
        })
final class ConformanceCommand implements Callable<Integer> {
    private static final List<Integer> SHARDS = List.of(1, 2, 3, 5);

    private final Terminal terminal;

    @Parameters(paramLabel = "DIR", description = "The reference results.")
    private Path directory = Path.of("");

    @Option(
            names = "--shards",
            paramLabel = "N",
            converter = AtLeastOne.class,
            description = "Shards of the clusters, instead of 1, 2, 3 and 5 in turn.")
    private @Nullable Integer shards;

    @Option(names = "--in-process", description = "Only the stages that need no cluster.")
    private boolean inProcess;

    ConformanceCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        GoldenSet set = new GoldenSet(directory);
        RunFolder folder = RunFolder.create("conformance");
        Certification certification = new Certification(set, folder.path(), terminal);
        certification.runInProcess();
        if (!inProcess) {
            for (Model model : Model.values()) {
                runClusters(certification, model);
            }
        }
        if (certification.passed()) {
            folder.close();
            terminal.print("PASSED");
            return 0;
        }
        terminal.say("the clusters' logs are under " + folder.path());
        terminal.print("FAILED");
        return 1;
    }

    private void runClusters(Certification certification, Model model) {
        int layers = certification.layers(model);
        for (int count : shards == null ? SHARDS : List.of(shards)) {
            if (shards == null && count > layers) {
                terminal.say(model + " has " + layers + " layers: " + count + " shards are too many");
            } else {
                certification.runCluster(model, count);
            }
        }
    }
}
