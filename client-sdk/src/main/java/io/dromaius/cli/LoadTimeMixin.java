package io.dromaius.cli;

import java.time.Duration;
import picocli.CommandLine.Option;

/** How long a load is measured, and how long it runs before that. */
final class LoadTimeMixin {
    @Option(
            names = "--seconds",
            paramLabel = "S",
            converter = AtLeastOne.class,
            description = "Time of one measurement (default: ${DEFAULT-VALUE}).")
    private int seconds;

    @Option(
            names = "--warm-up",
            paramLabel = "S",
            converter = NotNegative.class,
            description = "Time under load before a measurement (default: ${DEFAULT-VALUE}).")
    private int warmUpSeconds;

    /** Both unless the command line says otherwise. */
    LoadTimeMixin(int warmUpSeconds, int seconds) {
        this.warmUpSeconds = warmUpSeconds;
        this.seconds = seconds;
    }

    Duration warmUp() {
        return Duration.ofSeconds(warmUpSeconds);
    }

    Duration measured() {
        return Duration.ofSeconds(seconds);
    }
}
