package io.dromaius.cli.cluster;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * The processes of a cluster, in the order in which they start.
 *
 * @param endpoint of the coordinator's public API
 * @param zookeeper connection string
 */
public record ClusterPlan(String endpoint, String zookeeper, List<ProcessPlan> processes) {
    private static final String HOST = "127.0.0.1";

    public ClusterPlan {
        processes = List.copyOf(processes);
    }

    static ClusterPlan of(ClusterOptions options) {
        int workers = options.shards() + options.encoders() + options.decoders();
        Iterator<Integer> ports = FreePorts.find(2 * workers + 3).iterator();
        List<ProcessPlan> processes = new ArrayList<>();
        String zookeeper = options.zookeeper().orElseGet(() -> {
            int port = ports.next();
            processes.add(zookeeper(options, port));
            return HOST + ":" + port;
        });
        int api = options.port() == 0 ? ports.next() : options.port();
        processes.add(process(
                options,
                zookeeper,
                "coordinator",
                "coordinator",
                "io.dromaius.coordinator.CoordinatorMain",
                "emu.v1.GenerationService",
                api,
                ports.next(),
                1,
                coordinatorFlags(options)));
        for (int i = 0; i < options.shards(); i++) {
            // A shard serves once a coordinator has loaded it; until then it is alive, and that is all it can be.
            processes.add(process(
                    options,
                    zookeeper,
                    "shard-" + i,
                    "shard",
                    options.shardMain(),
                    "",
                    ports.next(),
                    ports.next(),
                    options.shardThreads(),
                    shardMemory(options)));
        }
        for (int i = 0; i < options.encoders(); i++) {
            processes.add(process(
                    options,
                    zookeeper,
                    "encoder-" + i,
                    "encoder",
                    "io.dromaius.encoder.EncoderWorkerMain",
                    "emu.internal.v1.EncoderService",
                    ports.next(),
                    ports.next(),
                    options.mediaThreads()));
        }
        for (int i = 0; i < options.decoders(); i++) {
            processes.add(process(
                    options,
                    zookeeper,
                    "decoder-" + i,
                    "decoder",
                    "io.dromaius.decoder.DecoderWorkerMain",
                    "emu.internal.v1.DecoderService",
                    ports.next(),
                    ports.next(),
                    options.mediaThreads()));
        }
        return new ClusterPlan(HOST + ":" + api, zookeeper, processes);
    }

    /** Of a GPU each shard takes what is free, as it can read that and this process cannot. */
    private static String[] shardMemory(ClusterOptions options) {
        return options.device().equals("cpu")
                ? new String[] {"--memory", options.shardMemoryMebibytes() + "MiB"}
                : new String[] {};
    }

    private static ProcessPlan zookeeper(ClusterOptions options, int port) {
        return new ProcessPlan(
                "zookeeper",
                "zookeeper",
                "io.dromaius.node.zookeeper.EmbeddedZooKeeperMain",
                options.jvmFlags(),
                List.of(
                        "--port",
                        Integer.toString(port),
                        "--data-dir",
                        options.state().zookeeperData().toString()),
                Map.of(),
                port,
                0,
                "");
    }

    private static String[] coordinatorFlags(ClusterOptions options) {
        List<String> flags = new ArrayList<>(List.of(
                "--shards-per-pipeline",
                Integer.toString(options.shards() / options.pipelines()),
                "--window",
                Integer.toString(options.window())));
        if (options.batchInvariant()) { // else the environment may ask for it
            flags.addAll(List.of("--batch-invariant", "true"));
        }
        return flags.toArray(String[]::new);
    }

    private static ProcessPlan process(
            ClusterOptions options,
            String zookeeper,
            String name,
            String role,
            String mainClass,
            String healthService,
            int port,
            int metricsPort,
            int threads,
            String... more) {
        List<String> flags = new ArrayList<>(List.of("-Dai.djl.offline=true", "-XX:+ExitOnOutOfMemoryError"));
        flags.addAll(options.jvmFlags());
        List<String> arguments = new ArrayList<>(List.of(
                "--cluster", options.cluster(),
                "--zookeeper", zookeeper,
                "--host", HOST,
                "--port", Integer.toString(port),
                "--metrics-port", Integer.toString(metricsPort),
                "--checkpoint", options.checkpoint().toString(),
                "--dtype", options.dtype(),
                "--device", options.device(),
                "--threads", Integer.toString(threads)));
        arguments.addAll(List.of(more));
        // Processes share the cores: a team of threads that spins for long starves the others, and one that never spins
        // sleeps between any two operators of a step, and waking up takes longer than most of them.
        Map<String, String> environment = Map.of(
                "OMP_WAIT_POLICY", "passive",
                "GOMP_SPINCOUNT", "1000",
                "OMP_NUM_THREADS", Integer.toString(threads));
        return new ProcessPlan(name, role, mainClass, flags, arguments, environment, port, metricsPort, healthService);
    }
}
