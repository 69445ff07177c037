package io.dromaius.cli.cluster;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Stops processes orderly: SIGTERM, time to drain, then SIGKILL to whatever is left. */
final class ProcessStopper {
    private final Duration patience;

    ProcessStopper(Duration patience) {
        this.patience = patience;
    }

    /** Stops all of them together; returns the names of those that had to be killed. */
    List<String> stop(List<ProcessRecord> processes) {
        processes.forEach(process -> process.handle().ifPresent(ProcessHandle::destroy));
        long deadline = System.nanoTime() + patience.toNanos();
        return processes.stream()
                .filter(process -> !ended(process, Math.max(0, deadline - System.nanoTime())))
                .map(ProcessStopper::kill)
                .toList();
    }

    private static String kill(ProcessRecord process) {
        process.handle().ifPresent(ProcessHandle::destroyForcibly);
        ended(process, Duration.ofSeconds(5).toNanos());
        return process.name();
    }

    private static boolean ended(ProcessRecord process, long nanos) {
        CompletableFuture<ProcessHandle> exit =
                process.handle().map(ProcessHandle::onExit).orElse(null);
        if (exit == null) {
            return true;
        }
        try {
            exit.get(nanos, TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException("cannot wait for " + process.name(), e);
        }
    }
}
