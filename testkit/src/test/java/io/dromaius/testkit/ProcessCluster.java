package io.dromaius.testkit;

import io.dromaius.model.tiny.TinyCheckpoint;
import io.dromaius.node.rpc.GrpcChannels;
import io.dromaius.proto.v1.ClusterMember;
import io.dromaius.proto.v1.ClusterServiceGrpc;
import io.dromaius.proto.v1.GetClusterRequest;
import io.dromaius.proto.v1.GetClusterResponse;
import io.dromaius.proto.v1.PipelineInfo;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;

/**
 * A cluster of operating system processes on this machine, with the tiny checkpoint. All of them end when it is closed, at
 * the latest with this JVM.
 */
final class ProcessCluster implements AutoCloseable {
    /** Of tests that would wait for a dead member's session to run out, and learn nothing by it. */
    private static final Duration SHORT_SESSION = Duration.ofSeconds(3);

    private static final Duration START = Duration.ofMinutes(5);
    private static final Duration POLL = Duration.ofMillis(50);

    private static final Set<Integer> PORTS = ConcurrentHashMap.newKeySet();

    private final Path directory;
    private final Path logs;
    private final Path checkpoint;
    private final List<String> sharedFlags;
    private final List<String> coordinatorFlags;
    private final List<ClusterProcess> processes = new CopyOnWriteArrayList<>();
    private final Thread hook = new Thread(this::killAll, "kill-cluster");
    private ClusterProcess zookeeper;
    private ClusterProcess coordinator;
    private ManagedChannel channel;

    /**
     * Starts ZooKeeper and a coordinator with these flags. ZooKeeper soon forgets a member that says nothing.
     *
     * @param name of the folder under {@code target/process-logs} that keeps what the processes write
     * @param directory for the checkpoint and ZooKeeper's data
     */
    ProcessCluster(String name, Path directory, String... coordinatorFlags) throws IOException {
        this(name, directory, List.of("--session-timeout", SHORT_SESSION.toSeconds() + "s"), List.of(coordinatorFlags));
    }

    private ProcessCluster(String name, Path directory, List<String> sharedFlags, List<String> coordinatorFlags)
            throws IOException {
        this.directory = directory;
        this.logs = Files.createDirectories(Path.of("target", "process-logs", name));
        this.checkpoint = TinyCheckpoint.writePretrain(directory);
        this.sharedFlags = sharedFlags;
        this.coordinatorFlags = coordinatorFlags;
        Runtime.getRuntime().addShutdownHook(hook);
        this.zookeeper = startZooKeeper(freePort());
        this.coordinator = startCoordinator(freePort());
        this.channel = GrpcChannels.internal(coordinator.endpoint());
    }

    /** The same with every time as it is when nobody says otherwise. */
    static ProcessCluster withDefaultTimes(String name, Path directory, String... coordinatorFlags) throws IOException {
        return new ProcessCluster(name, directory, List.of(), List.of(coordinatorFlags));
    }

    ManagedChannel channel() {
        return channel;
    }

    ClusterProcess zookeeper() {
        return zookeeper;
    }

    ClusterProcess coordinator() {
        return coordinator;
    }

    /** Starts ZooKeeper again where it was, with the data it had. */
    void restartZooKeeper() throws IOException {
        zookeeper = startZooKeeper(zookeeper.port());
    }

    /** Starts another coordinator process in the place of the former. */
    void restartCoordinator() throws IOException {
        coordinator = startCoordinator(coordinator.port());
    }

    /** Starts one more coordinator; questions still go to the first. */
    ClusterProcess addCoordinator() throws IOException {
        return startCoordinator(freePort());
    }

    /** From now on questions go to another coordinator. */
    void turnTo(ClusterProcess other) {
        channel.shutdownNow();
        coordinator = other;
        channel = GrpcChannels.internal(other.endpoint());
    }

    ClusterProcess addShard() throws IOException {
        return addWorker("shard", "io.dromaius.shard.ShardWorkerMain", "--memory", "512MiB");
    }

    /** Thaws every shard and starts what is missing. */
    void restoreShards(int count) throws IOException, InterruptedException {
        int alive = 0;
        for (ClusterProcess process : processes) {
            if (process.name().startsWith("shard") && process.isAlive()) {
                process.thaw();
                alive++;
            }
        }
        for (; alive < count; alive++) {
            addShard();
        }
    }

    ClusterProcess addEncoder() throws IOException {
        return addWorker("encoder", "io.dromaius.encoder.EncoderWorkerMain");
    }

    ClusterProcess addDecoder(String... flags) throws IOException {
        return addWorker("decoder", "io.dromaius.decoder.DecoderWorkerMain", flags);
    }

    /** The process of a member. */
    ClusterProcess process(String member) {
        String endpoint = describe().getMembersList().stream()
                .filter(one -> one.getId().equals(member))
                .map(ClusterMember::getEndpoint)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(member + " is no member"));
        return processes.stream()
                .filter(process -> process.isAlive() && process.endpoint().equals(endpoint))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(member + " is no process of this cluster"));
    }

    /** With the figures of every pipeline that serves. */
    GetClusterResponse describe() {
        return Awaitility.await("engines that answer")
                .atMost(START)
                .pollDelay(Duration.ZERO)
                .pollInterval(POLL)
                .until(this::ask, ProcessCluster::hasFigures);
    }

    private GetClusterResponse ask() {
        return ClusterServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(60, TimeUnit.SECONDS)
                .getCluster(GetClusterRequest.getDefaultInstance());
    }

    /** An engine that is asked for its figures and does not answer at once leaves them all at zero. */
    static boolean hasFigures(GetClusterResponse cluster) {
        return cluster.getPipelinesList().stream()
                .noneMatch(pipeline ->
                        pipeline.getState() == PipelineInfo.State.STATE_SERVING && pipeline.getBlocks() == 0);
    }

    List<ClusterMember> members(String role) {
        return describe().getMembersList().stream()
                .filter(member -> member.getRole().equals(role))
                .toList();
    }

    List<PipelineInfo> serving() {
        return describe().getPipelinesList().stream()
                .filter(pipeline -> pipeline.getState() == PipelineInfo.State.STATE_SERVING)
                .toList();
    }

    Optional<PipelineInfo> pipeline(String id) {
        return describe().getPipelinesList().stream()
                .filter(pipeline -> pipeline.getId().equals(id))
                .findFirst();
    }

    /** Waits until so many pipelines serve. */
    void awaitServing(int pipelines) {
        await("pipelines that serve").until(() -> serving().size() == pipelines);
    }

    /** Waits until the members are the processes that live: one that was killed stays a member for its session and more. */
    void awaitMembers(String role) {
        await("members of role " + role + ", one for each process that lives").until(() -> members(role).stream()
                .map(ClusterMember::getEndpoint)
                .sorted()
                .toList()
                .equals(processes.stream()
                        .filter(process -> process.name().startsWith(role + "-") && process.isAlive())
                        .map(ClusterProcess::endpoint)
                        .sorted()
                        .toList()));
    }

    /** A wait with a deadline, for a cluster that may not be there at first. */
    ConditionFactory await(String what) {
        return Awaitility.await(what)
                .atMost(START)
                .pollDelay(Duration.ZERO)
                .pollInterval(POLL)
                .ignoreException(StatusRuntimeException.class);
    }

    @Override
    public void close() {
        channel.shutdownNow();
        killAll();
        Runtime.getRuntime().removeShutdownHook(hook);
    }

    private void killAll() {
        processes.forEach(ClusterProcess::close);
    }

    private ClusterProcess startZooKeeper(int port) throws IOException {
        return start(
                "zookeeper",
                "io.dromaius.node.zookeeper.EmbeddedZooKeeperMain",
                port,
                -1,
                List.of(
                        "--port",
                        Integer.toString(port),
                        "--data-dir",
                        directory.resolve("zookeeper").toString()));
    }

    private ClusterProcess startCoordinator(int port) throws IOException {
        List<String> more = new ArrayList<>(List.of("--placement-settle", "300ms"));
        more.addAll(coordinatorFlags);
        return startMember("coordinator", "io.dromaius.coordinator.CoordinatorMain", port, more);
    }

    private ClusterProcess addWorker(String role, String mainClass, String... flags) throws IOException {
        return startMember(role, mainClass, freePort(), List.of(flags));
    }

    private ClusterProcess startMember(String role, String mainClass, int port, List<String> more) throws IOException {
        int metricsPort = freePort();
        List<String> arguments = new ArrayList<>(List.of(
                "--zookeeper",
                zookeeper.endpoint(),
                "--port",
                Integer.toString(port),
                "--metrics-port",
                Integer.toString(metricsPort),
                "--checkpoint",
                checkpoint.toString(),
                "--dtype",
                "fp32",
                "--threads",
                "1"));
        arguments.addAll(sharedFlags);
        arguments.addAll(more);
        return start(role, mainClass, port, metricsPort, arguments);
    }

    private ClusterProcess start(String role, String mainClass, int port, int metricsPort, List<String> arguments)
            throws IOException {
        String name = role + "-" + processes.size();
        ClusterProcess process =
                ClusterProcess.start(name, mainClass, port, metricsPort, arguments, logs.resolve(name + ".log"));
        processes.add(process);
        return process;
    }

    /**
     * A port that is given out once. It is outside of the range from which the system serves port 0 and connections, so
     * nobody takes it meanwhile.
     */
    static int freePort() throws IOException {
        int port;
        do {
            port = ThreadLocalRandom.current().nextInt(15_000, 32_000);
        } while (!PORTS.add(port) || !isFree(port));
        return port;
    }

    private static boolean isFree(int port) throws IOException {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (BindException e) {
            return false;
        }
    }
}
