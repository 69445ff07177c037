package io.dromaius.cli;

import io.dromaius.cli.cluster.ClusterOptions;
import io.dromaius.cli.cluster.StateDirectory;
import io.dromaius.model.tiny.TinyCheckpoint;
import io.dromaius.model.tiny.TinySizes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A cluster that a command starts for itself, in the folder of its run: it is gone when the command is. */
final class OwnClusterMixin {
    @Option(
            names = "--checkpoint",
            paramLabel = "PATH",
            description = "Another model than the one named above, in any form that 'emu up' takes.")
    private @Nullable Path checkpoint;

    @Option(
            names = "--shards",
            paramLabel = "N",
            defaultValue = "2",
            converter = AtLeastOne.class,
            description = "Shard workers that are started (default: ${DEFAULT-VALUE}).")
    private int shards = 2;

    Optional<Path> checkpoint() {
        return Optional.ofNullable(checkpoint);
    }

    /** The checkpoint; without one a model of random weights and of these sizes is made in {@code folder}. */
    Path checkpointOr(TinySizes sizes, RunFolder folder, Terminal terminal) throws IOException {
        if (checkpoint != null) {
            return checkpoint;
        }
        terminal.say("making a model");
        return new TinyCheckpoint(sizes, 0).pretrain(folder.path().resolve("model"));
    }

    int shards() {
        return shards;
    }

    /** A small cluster that serves {@code model}. */
    ClusterOptions options(RunFolder folder, Path model) {
        StateDirectory state = new StateDirectory(folder.path().resolve("cluster"));
        return ClusterOptions.small(folder.name(), state, model, shards);
    }
}
