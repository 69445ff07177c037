package io.dromaius.testkit;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** One process of a cluster, which signals can be sent to. Killed when closed, whatever state it is in. */
final class ClusterProcess implements AutoCloseable {
    private static final long END_SECONDS = 60;

    private final String name;
    private final int port;
    private final int metricsPort;
    private final Process process;

    private ClusterProcess(String name, int port, int metricsPort, Process process) {
        this.name = name;
        this.port = port;
        this.metricsPort = metricsPort;
        this.process = process;
    }

    /** Runs {@code mainClass}; what it says goes to {@code log}. */
    static ClusterProcess start(
            String name, String mainClass, int port, int metricsPort, List<String> arguments, Path log)
            throws IOException {
        ProcessBuilder builder = new ProcessBuilder(JavaCommand.of(mainClass, arguments))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().putAll(Map.of("OMP_WAIT_POLICY", "passive", "OMP_NUM_THREADS", "1"));
        return new ClusterProcess(name, port, metricsPort, builder.start());
    }

    String name() {
        return name;
    }

    int port() {
        return port;
    }

    int metricsPort() {
        return metricsPort;
    }

    String endpoint() {
        return "127.0.0.1:" + port;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** SIGKILL: the process is gone when this returns. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException(name + " survives SIGKILL");
        }
    }

    /** SIGTERM: it stops in order, in its own time. */
    void terminate() throws IOException, InterruptedException {
        signal("TERM");
    }

    /** Waits until it has ended by itself. */
    void awaitEnd() throws InterruptedException {
        if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException(name + " has not ended");
        }
    }

    /** SIGSTOP: its connections stay open, and nobody answers. */
    void freeze() throws IOException, InterruptedException {
        signal("STOP");
    }

    /** SIGCONT. */
    void thaw() throws IOException, InterruptedException {
        signal("CONT");
    }

    private void signal(String signal) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start();
        if (!kill.waitFor(END_SECONDS, TimeUnit.SECONDS) || kill.exitValue() != 0) {
            throw new IllegalStateException("SIG" + signal + " could not be sent to " + name);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
