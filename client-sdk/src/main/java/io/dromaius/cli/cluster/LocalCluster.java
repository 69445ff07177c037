package io.dromaius.cli.cluster;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.dromaius.cli.CommandFailure;
import io.dromaius.cli.Terminal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A cluster on this machine. Until it is {@linkplain #release released}, its processes end with this one: when it is
 * closed, when starting fails, and on Ctrl-C.
 */
public final class LocalCluster implements AutoCloseable {
    /** Time that running calls get to finish when a cluster is stopped. */
    public static final Duration DRAIN = Duration.ofSeconds(25);

    /** Time to end that processes get which serve nobody yet. */
    private static final Duration ABORT = Duration.ofSeconds(3);

    private final ClusterOptions options;
    private final ClusterPlan plan;
    private final Thread hook = new Thread(this::stop, "stop-cluster");
    private final Object lock = new Object();

    @GuardedBy("lock")
    private final List<ProcessRecord> started = new ArrayList<>();

    @GuardedBy("lock")
    private boolean stopped;

    private volatile boolean serving;

    private LocalCluster(ClusterOptions options) {
        this.options = options;
        this.plan = ClusterPlan.of(options);
    }

    /**
     * Starts every process and waits until each is ready.
     *
     * @throws CommandFailure if something it needs is not there, or if one ends, or is not ready within {@code patience}; the others are stopped then
     */
    public static LocalCluster start(ClusterOptions options, Duration patience, Terminal terminal) {
        options.state().read().filter(ClusterRecord::alive).ifPresent(running -> {
            throw new CommandFailure(
                    "cluster '" + running.cluster() + "' already runs at " + running.endpoint(),
                    "stop it with 'emu down --cluster " + running.cluster() + "', or name another --cluster");
        });
        Surroundings.check(options);
        options.state().create();
        LocalCluster cluster = new LocalCluster(options);
        Runtime.getRuntime().addShutdownHook(cluster.hook);
        try {
            cluster.plan.processes().forEach(cluster::launch);
            new Startup(cluster.plan, cluster.record(), patience).await(terminal);
            cluster.serving = true;
            return cluster;
        } catch (RuntimeException | Error e) {
            cluster.close();
            throw e;
        }
    }

    /** Stops a cluster that was released; returns the names of the processes that had to be killed. */
    public static List<String> stop(StateDirectory state, ClusterRecord record, Duration patience) {
        List<ProcessRecord> members = record.processes().stream()
                .filter(process -> !process.role().equals("zookeeper"))
                .toList();
        List<ProcessRecord> zookeeper = record.processes().stream()
                .filter(process -> process.role().equals("zookeeper"))
                .toList();
        // Members sign off at ZooKeeper, so it goes last.
        List<String> killed = new ArrayList<>(new ProcessStopper(patience).stop(members));
        killed.addAll(new ProcessStopper(Duration.ofSeconds(5)).stop(zookeeper));
        state.clear();
        return killed;
    }

    /** Of the public API, host:port. */
    public String endpoint() {
        return plan.endpoint();
    }

    /** What runs, as later commands find it. */
    public ClusterRecord record() {
        synchronized (lock) {
            return new ClusterRecord(
                    options.cluster(),
                    plan.endpoint(),
                    plan.zookeeper(),
                    options.checkpoint().toString(),
                    started);
        }
    }

    /** Leaves the processes to run on after this one. */
    public void release() {
        Runtime.getRuntime().removeShutdownHook(hook);
    }

    /** Stops every process, orderly where it can. */
    @Override
    public void close() {
        stop();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // This program is being shut down, so the hook runs or has run.
            stop();
        }
    }

    private void launch(ProcessPlan process) {
        synchronized (lock) {
            if (stopped) {
                throw new CommandFailure("stopped while the cluster was starting", "run the command again");
            }
            started.add(ProcessLauncher.launch(process, options.state()));
            options.state().write(record());
        }
    }

    private void stop() {
        synchronized (lock) {
            if (!stopped) {
                stopped = true;
                stop(options.state(), record(), serving ? DRAIN : ABORT);
            }
        }
    }
}
