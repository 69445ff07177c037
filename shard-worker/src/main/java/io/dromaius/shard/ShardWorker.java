package io.dromaius.shard;

import com.google.common.base.Ticker;
import com.google.common.util.concurrent.ThreadFactoryBuilder;
import io.dromaius.node.Node;
import io.dromaius.node.metrics.Metrics;
import io.dromaius.node.rpc.FailureCode;
import io.dromaius.node.rpc.Failures;
import io.grpc.BindableService;
import io.grpc.ManagedChannel;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Function;

/**
 * A shard without the process around it: its service, its compute thread and its timer. It is a part of the node that
 * comes after the server, because draining ends streams that the server would otherwise wait for.
 */
public final class ShardWorker implements Node.Part {
    /**
     * How quickly a shard is missed.
     *
     * @param signOfLife how often a stream of steps is answered, whatever it computes
     * @param silence how long the next shard may say nothing before it counts as dead
     */
    public record Pace(Duration signOfLife, Duration silence) {
        public static final Pace DEFAULT = new Pace(Duration.ofMillis(250), Duration.ofSeconds(2));

        public Pace {
            if (signOfLife.isZero() || signOfLife.isNegative() || signOfLife.compareTo(silence) >= 0) {
                throw new IllegalArgumentException("signs of life every " + signOfLife + ", missed after " + silence);
            }
        }
    }

    /** Told, on any thread, what a member's record has to say. */
    public interface Listener {
        /** An epoch was entered, higher than all before or the same once more. */
        void entered(long epoch);

        /** A stage was loaded. */
        void loaded(Stage stage);
    }

    private final String member;
    private final StageLoader loader;
    private final StepExecutor executor;
    private final ScheduledExecutorService timer;
    private final StageHost host;
    private final ShardService service;

    /**
     * Wires a shard; nothing is loaded before the owner asks.
     *
     * @param member this process' id
     * @param channels opens a channel to another shard's endpoint
     * @param onDeath told when the thread that computes dies of an {@link Error}
     */
    public ShardWorker(
            String member,
            StageLoader loader,
            Pace pace,
            Function<String, ManagedChannel> channels,
            Ticker ticker,
            Metrics metrics,
            Thread.UncaughtExceptionHandler onDeath) {
        this.member = member;
        this.loader = loader;
        this.executor = new StepExecutor(member, onDeath);
        this.timer = Executors.newSingleThreadScheduledExecutor(new ThreadFactoryBuilder()
                .setNameFormat("shard-timer")
                .setDaemon(true)
                .build());
        DownstreamLink.Settings links = new DownstreamLink.Settings(channels, timer, pace.silence());
        StageSession.Settings sessions =
                new StageSession.Settings(member, executor, ticker, new ShardMetrics(metrics), links);
        this.host = new StageHost(loader, sessions);
        this.service = new ShardService(host, timer, pace.signOfLife());
    }

    public BindableService service() {
        return service;
    }

    /** To be added before the server starts. */
    public void addListener(Listener listener) {
        host.addListener(listener);
    }

    /**
     * Ends what is served, unless its epoch is above this one. The weights stay resident. Any thread.
     *
     * @param epoch the newest that knows no place for this shard
     */
    public void release(long epoch) {
        host.release(epoch);
    }

    @Override
    public void drain(Duration timeLeft) {
        host.leave(Failures.of(FailureCode.DRAINING, "shard " + member + " is stopped")
                .info("member", member)
                .build());
    }

    @Override
    public void close() throws Exception {
        drain(Duration.ZERO);
        timer.shutdownNow();
        executor.execute(loader::close);
        executor.close();
    }
}
