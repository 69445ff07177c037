package io.dromaius.testkit;

import io.dromaius.client.EmuClient;
import io.dromaius.coordinator.CoordinatorMain;
import io.dromaius.node.zookeeper.EmbeddedZooKeeperMain;
import io.dromaius.proto.v1.PipelineInfo;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** ZooKeeper, a coordinator and shards as processes of their own, of this JVM's class path, logging into a directory. */
final class BenchCluster implements AutoCloseable {
    private static final Duration START = Duration.ofMinutes(2);

    /** A started process and where its measurements are. */
    record Member(String name, Process process, int port, int metricsPort) {
        /** The value of one of its unlabelled metrics. */
        double metric(String metric) {
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + metricsPort + "/metrics"))
                    .timeout(Duration.ofSeconds(5))
                    .build();
            try {
                return HttpClient.newHttpClient()
                        .send(request, HttpResponse.BodyHandlers.ofLines())
                        .body()
                        .filter(line -> line.startsWith(metric + " "))
                        .mapToDouble(line -> Double.parseDouble(line.substring(metric.length() + 1)))
                        .findFirst()
                        .orElseThrow(() -> new IllegalStateException(name + " has no " + metric));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }
    }

    private final Path directory;
    private final List<Member> members = new ArrayList<>();

    BenchCluster(Path directory) {
        this.directory = directory;
    }

    /** Starts everything but the shards. */
    void start(List<String> shared, int shardsPerPipeline) throws IOException {
        Member zookeeper = launch(
                "zookeeper",
                EmbeddedZooKeeperMain.class,
                List.of("--data-dir", directory.resolve("zk").toString()));
        List<String> flags = new ArrayList<>(shared);
        flags.addAll(List.of("--zookeeper", "127.0.0.1:" + zookeeper.port()));
        flags.addAll(List.of("--shards-per-pipeline", Integer.toString(shardsPerPipeline)));
        launch("coordinator", CoordinatorMain.class, flags);
    }

    void startShard(Class<?> main, List<String> shared, int threads) throws IOException {
        List<String> flags = new ArrayList<>(shared);
        flags.addAll(List.of("--zookeeper", "127.0.0.1:" + members.get(0).port()));
        flags.addAll(List.of("--threads", Integer.toString(threads)));
        launch("shard-" + (members.size() - 2), main, flags);
    }

    private Member launch(String name, Class<?> main, List<String> flags) throws IOException {
        int port = freePort();
        int metricsPort = freePort();
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-Dai.djl.offline=true",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName(),
                "--port",
                Integer.toString(port)));
        if (!members.isEmpty()) {
            Collections.addAll(command, "--metrics-port", Integer.toString(metricsPort));
        }
        command.addAll(flags);
        File log = directory.resolve(name + ".log").toFile();
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log);
        builder.environment().put("OMP_WAIT_POLICY", "passive");
        Member member = new Member(name, builder.start(), port, metricsPort);
        members.add(member);
        return member;
    }

    Member coordinator() {
        return members.get(1);
    }

    List<Member> shards() {
        return members.subList(2, members.size());
    }

    /** A client, once a pipeline serves. */
    EmuClient client() {
        EmuClient client = EmuClient.builder()
                .endpoint("127.0.0.1:" + coordinator().port())
                .build();
        Awaitility.await("a pipeline that serves")
                .atMost(START)
                .pollInterval(Duration.ofMillis(200))
                .ignoreExceptions()
                .until(() -> client.cluster().getPipelinesList().stream()
                        .anyMatch(pipeline -> pipeline.getState() == PipelineInfo.State.STATE_SERVING));
        return client;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Override
    public void close() throws InterruptedException {
        List<Member> reversed = new ArrayList<>(members);
        Collections.reverse(reversed);
        for (Member member : reversed) {
            member.process().destroy();
            if (!member.process().waitFor(30, TimeUnit.SECONDS)) {
                member.process().destroyForcibly();
            }
        }
    }
}
