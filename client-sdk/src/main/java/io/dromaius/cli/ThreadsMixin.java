package io.dromaius.cli;

import io.dromaius.model.torch.Torch;
import picocli.CommandLine.Option;

/** How many threads compute inside this process. */
final class ThreadsMixin {
    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "0",
            converter = NotNegative.class,
            description = "Computing threads; 0 is one for each processor.")
    private int threads;

    /** Makes it so, for as long as this process lives. */
    void set() {
        Torch.setThreads(threads > 0 ? threads : Runtime.getRuntime().availableProcessors());
    }
}
