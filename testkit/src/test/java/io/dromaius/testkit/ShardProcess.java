package io.dromaius.testkit;

import io.dromaius.shard.ShardWorkerMain;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A shard worker in a process of its own, so that it can die as processes do. */
final class ShardProcess implements AutoCloseable {
    private final Process process;
    private final String endpoint;

    private ShardProcess(Process process, String endpoint) {
        this.process = process;
        this.endpoint = endpoint;
    }

    static ShardProcess start(List<String> flags) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx400m",
                "-Dai.djl.offline=true",
                "-cp",
                System.getProperty("java.class.path"),
                ShardWorkerMain.class.getName(),
                "--memory",
                "512MiB"));
        command.addAll(flags);
        int port = freePort();
        command.addAll(List.of("--port", Integer.toString(port)));
        return new ShardProcess(new ProcessBuilder(command).inheritIO().start(), "127.0.0.1:" + port);
    }

    /** Where it listens, as in its member record. */
    String endpoint() {
        return endpoint;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /** SIGKILL. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
    }

    /** SIGSTOP: its connections stay, and nothing moves. */
    void freeze() throws IOException, InterruptedException {
        signal("-STOP");
    }

    /** SIGCONT. */
    void thaw() throws IOException, InterruptedException {
        signal("-CONT");
    }

    private void signal(String signal) throws IOException, InterruptedException {
        Process sent = new ProcessBuilder("kill", signal, Long.toString(process.pid())).start();
        if (!sent.waitFor(10, TimeUnit.SECONDS) || sent.exitValue() != 0) {
            throw new IOException("kill " + signal + " failed");
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
