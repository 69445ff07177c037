package io.dromaius.cli.cluster;

import io.dromaius.cli.CommandFailure;
import io.dromaius.cli.Terminal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Waits for the processes of a cluster, and says which one is in the way. */
final class Startup {
    private static final Duration POLL = Duration.ofMillis(100);
    private static final int TAIL_LINES = 12;
    private static final Pattern STACK_FRAME = Pattern.compile("^\\s+(at \\S+\\(|\\.\\.\\. \\d+ )");

    private final List<ProcessPlan> plans;
    private final String coordinator;
    private final List<ProcessRecord> records;
    private final Duration patience;
    private final long deadline;

    Startup(ClusterPlan plan, ClusterRecord record, Duration patience) {
        // The coordinator is ready once its pipeline is, so it is waited for last.
        this.plans = Stream.concat(
                        plan.processes().stream()
                                .filter(process -> !process.role().equals("coordinator")),
                        plan.processes().stream()
                                .filter(process -> process.role().equals("coordinator")))
                .toList();
        this.coordinator = plan.endpoint();
        this.records = record.processes();
        this.patience = patience;
        this.deadline = System.nanoTime() + patience.toNanos();
    }

    void await(Terminal terminal) {
        try (LoadProbe loads = new LoadProbe(coordinator);
                Terminal.Progress progress = terminal.progress("starting", plans.size())) {
            for (int ready = 0; ready < plans.size(); ready++) {
                ProcessPlan process = plans.get(ready);
                progress.at(ready, "waiting for " + process.name());
                try (ReadinessProbe probe = new ReadinessProbe(process)) {
                    await(probe, process, loads);
                }
            }
            progress.at(plans.size(), "all are ready");
        }
    }

    private void await(ReadinessProbe probe, ProcessPlan process, LoadProbe loads) {
        while (!probe.ready()) {
            records.stream().filter(record -> !record.alive()).findFirst().ifPresent(record -> {
                throw new CommandFailure(
                        record.name() + " ended before it was ready:\n" + tail(record),
                        "the whole log is " + record.log());
            });
            loads.failure().ifPresent(why -> {
                throw new CommandFailure(
                        "the shards cannot load the checkpoint:\n    " + why,
                        "mend what is named - a damaged file has to be fetched or converted again - and run the command again");
            });
            if (System.nanoTime() > deadline) {
                ProcessRecord late = records.stream()
                        .filter(record -> record.name().equals(process.name()))
                        .findFirst()
                        .orElseThrow();
                throw new CommandFailure(
                        process.name() + " is not ready after " + patience.toSeconds() + " s\n" + tail(late),
                        "the whole log is " + late.log()
                                + "; a large checkpoint may need 'emu up' with a longer --patience");
            }
            pause();
        }
    }

    private static void pause() {
        try {
            TimeUnit.NANOSECONDS.sleep(POLL.toNanos());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure("interrupted while the cluster was starting", "run the command again", e);
        }
    }

    /** The last of what a process logged; where in the code it happened is for the log alone. */
    private static String tail(ProcessRecord process) {
        try {
            List<String> lines = Files.readString(Path.of(process.log()), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line ->
                            !line.isBlank() && !STACK_FRAME.matcher(line).find())
                    .toList();
            return String.join(
                    "\n",
                    lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size()).stream()
                            .map(line -> "    " + line)
                            .toList());
        } catch (IOException e) {
            return "    (its log cannot be read: " + e.getMessage() + ")";
        }
    }
}
