package io.dromaius.cli.cluster;

import io.dromaius.cli.CommandFailure;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Starts processes of this program's own Java and class path, detached from the terminal. */
final class ProcessLauncher {
    private static final Path SETSID = Path.of("/usr/bin/setsid");

    private ProcessLauncher() {}

    static ProcessRecord launch(ProcessPlan plan, StateDirectory state) {
        File log = state.log(plan.name()).toFile();
        ProcessBuilder builder = new ProcessBuilder(command(plan))
                .redirectErrorStream(true)
                .redirectOutput(log)
                .redirectInput(new File("/dev/null"));
        builder.environment().putAll(plan.environment());
        try {
            return ProcessRecord.of(plan, builder.start().toHandle(), log.toString());
        } catch (IOException e) {
            throw new CommandFailure(
                    "cannot start " + plan.name() + ": " + e.getMessage(), "see whether Java can be run here", e);
        }
    }

    private static List<String> command(ProcessPlan plan) {
        List<String> command = new ArrayList<>();
        if (Files.isExecutable(SETSID)) {
            // A session of its own: Ctrl-C and a closed terminal reach this command alone, which stops the others.
            command.add(SETSID.toString());
        }
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(plan.jvmFlags());
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(plan.mainClass());
        command.addAll(plan.arguments());
        return command;
    }
}
