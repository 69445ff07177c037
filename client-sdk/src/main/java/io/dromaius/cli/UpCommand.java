package io.dromaius.cli;

import io.dromaius.cli.cluster.ClusterOptions;
import io.dromaius.cli.cluster.LocalCluster;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Starts a cluster on this machine and leaves it running. */
@Command(
        name = "up",
        header = "Start a cluster on this machine.",
        description = {
            "Starts ZooKeeper, a coordinator, shard workers, an encoder and a decoder, each a process of its own on the"
                    + " loopback address, waits until a canary has gone through the whole pipeline, and leaves them"
                    + " running. Logs, pids and ZooKeeper's data are in the cluster's folder.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  emu up --checkpoint emu-14b --shards 4",
            "  emu up --checkpoint emu-14b --zookeeper zk1:2181,zk2:2181 --cluster blue"
        })
final class UpCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Mixin
    private ClusterMixin cluster = new ClusterMixin();

    @Option(
            names = "--checkpoint",
            required = true,
            paramLabel = "PATH",
            description = "Released layout, instruct file or its folder, or what 'emu convert' wrote.")
    private Path checkpoint = Path.of("");

    @Option(
            names = "--shards",
            paramLabel = "N",
            defaultValue = "2",
            converter = AtLeastOne.class,
            description = "Shard workers; the layers are split over them (default: ${DEFAULT-VALUE}).")
    private int shards = 2;

    @Option(
            names = "--pipelines",
            paramLabel = "N",
            defaultValue = "1",
            converter = AtLeastOne.class,
            description = "Whole copies of the model that the shards form, for load (default: ${DEFAULT-VALUE}).")
    private int pipelines = 1;

    @Option(
            names = "--encoders",
            paramLabel = "N",
            defaultValue = "1",
            converter = NotNegative.class,
            description = "Encoder workers (default: ${DEFAULT-VALUE}).")
    private int encoders = 1;

    @Option(
            names = "--decoders",
            paramLabel = "N",
            defaultValue = "1",
            converter = NotNegative.class,
            description = "Decoder workers (default: ${DEFAULT-VALUE}).")
    private int decoders = 1;

    @Mixin
    private DtypeMixin type = new DtypeMixin();

    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            defaultValue = "cpu",
            description = "Device computed on: cpu or cuda:N (default: ${DEFAULT-VALUE}).")
    private String device = "cpu";

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "0",
            converter = NotNegative.class,
            description = "Computing threads of each worker; 0 shares the processors among the shards.")
    private int threads;

    @Option(
            names = "--window",
            paramLabel = "N",
            defaultValue = "0",
            converter = NotNegative.class,
            description = "Steps in flight; 0 is one more than a pipeline has shards.")
    private int window;

    @Option(
            names = "--batch-invariant",
            description =
                    "Same seed, same answer in any company also of a large model in bf16; costs some speed; on cpu alone.")
    private boolean batchInvariant;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "7700",
            converter = Port.class,
            description = "Port of the public API; 0 takes a free one (default: ${DEFAULT-VALUE}).")
    private int port = 7700;

    @Option(
            names = "--zookeeper",
            paramLabel = "HOST:PORT,...",
            description = "Join this ensemble instead of starting a ZooKeeper server.")
    private @Nullable String zookeeper;

    @Option(
            names = "--jvm",
            paramLabel = "FLAG",
            description = "Flag for the Java of every process, such as --jvm=-Xmx4g; may be repeated.")
    private List<String> jvmFlags = new ArrayList<>();

    @Option(
            names = "--patience",
            paramLabel = "SECONDS",
            defaultValue = "300",
            converter = AtLeastOne.class,
            description = "Time the cluster may take to be ready (default: ${DEFAULT-VALUE}).")
    private int patienceSeconds = 300;

    UpCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        if (shards % pipelines != 0) {
            throw new CommandFailure(
                    shards + " shards do not make " + pipelines + " equal pipelines",
                    "choose --shards as a multiple of --pipelines");
        }
        ClusterOptions options = new ClusterOptions(
                cluster.cluster,
                cluster.directory(),
                checkpoint,
                shards,
                pipelines,
                encoders,
                decoders,
                DtypeMixin.name(type.dtype()),
                device,
                threads,
                window,
                batchInvariant,
                port,
                Optional.ofNullable(zookeeper),
                ClusterOptions.SHARD_MAIN,
                jvmFlags);
        LocalCluster running = LocalCluster.start(options, Duration.ofSeconds(patienceSeconds), terminal);
        running.release();
        terminal.print("cluster '" + cluster.cluster + "' serves at " + running.endpoint());
        running.record()
                .processes()
                .forEach(process -> terminal.print(String.format(
                        "  %-12s pid %-7d port %-6d metrics %-6d %s",
                        process.name(), process.pid(), process.port(), process.metricsPort(), process.log())));
        String which = cluster.flags();
        terminal.print(String.format(
                "try: emu generate \"Once upon a time\"%s     emu status%s     emu down%s", which, which, which));
        return 0;
    }
}
