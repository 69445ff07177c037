package io.dromaius.cli.cluster;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * A process that was started, so that a later command finds it again.
 *
 * @param startMillis when it started by the operating system's account, in milliseconds since 1970: a pid alone may belong to
 *     another process by now
 * @param log file of its output
 */
public record ProcessRecord(
        String name, String role, long pid, long startMillis, int port, int metricsPort, String log) {
    /** The operating system counts start times in ticks of 10 ms. */
    private static final Duration TICK = Duration.ofMillis(20);

    static ProcessRecord of(ProcessPlan plan, ProcessHandle process, String log) {
        long start = process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
        return new ProcessRecord(plan.name(), plan.role(), process.pid(), start, plan.port(), plan.metricsPort(), log);
    }

    /** The process, if it still runs and is the one that was started. */
    Optional<ProcessHandle> handle() {
        return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).filter(this::isSame);
    }

    /** Processor time it has used, if the operating system says. */
    public Optional<Duration> cpu() {
        return handle().flatMap(process -> process.info().totalCpuDuration());
    }

    /** Whether it still runs. */
    public boolean alive() {
        return handle().isPresent();
    }

    private boolean isSame(ProcessHandle process) {
        return process.info()
                .startInstant()
                .map(start -> Math.abs(start.toEpochMilli() - startMillis) <= TICK.toMillis())
                .orElse(false);
    }
}
