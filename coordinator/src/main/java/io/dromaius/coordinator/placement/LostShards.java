package io.dromaius.coordinator.placement;

import static java.util.Objects.requireNonNull;

import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.common.util.concurrent.MoreExecutors;
import io.dromaius.node.rpc.Liveness;
import io.dromaius.proto.internal.v1.StagePlacement;
import io.grpc.ManagedChannel;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Shards that this coordinator has lost its connection to and that should not be placed, though their ZooKeeper sessions
 * may live on. Each is asked whether it is alive, and is free to be placed again once it answers. One that was lost
 * before is asked later and later, so that a shard that answers but does not work does not drag every placement down.
 */
public final class LostShards {
    private static final Duration FIRST_PROBE = Duration.ofSeconds(1);
    private static final Duration LAST_PROBE = Duration.ofSeconds(32);
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(1);

    private final Function<String, ManagedChannel> dial;
    private final ScheduledExecutorService executor;
    private final Consumer<Set<String>> publish;
    private final Map<String, StagePlacement> lost = new HashMap<>(); // on the executor
    private final Map<String, Future<?>> probes = new HashMap<>(); // on the executor
    private final Map<String, Duration> patience = new HashMap<>(); // on the executor

    /**
     * Nothing is lost yet.
     *
     * @param dial opens a channel to an endpoint, closed here
     * @param executor of one thread; not shut down here
     * @param publish hears the member ids of all that are lost, when they change
     */
    public LostShards(
            Function<String, ManagedChannel> dial, ScheduledExecutorService executor, Consumer<Set<String>> publish) {
        this.dial = dial;
        this.executor = executor;
        this.publish = publish;
    }

    /** A shard is lost. Any thread. */
    public void add(StagePlacement shard) {
        executor.execute(() -> {
            if (lost.putIfAbsent(shard.getMember(), shard) == null) {
                publish.accept(Set.copyOf(lost.keySet()));
                Duration wait = patience.getOrDefault(shard.getMember(), FIRST_PROBE);
                patience.put(shard.getMember(), min(wait.multipliedBy(2), LAST_PROBE));
                probeIn(wait, shard);
            }
        });
    }

    /** Shards that are not registered any more need not be remembered. Any thread. */
    public void keepRegistered(Set<String> registered) {
        executor.execute(() -> {
            patience.keySet().retainAll(registered);
            if (lost.keySet().retainAll(registered)) {
                publish.accept(Set.copyOf(lost.keySet()));
            }
            probes.entrySet().removeIf(probe -> {
                boolean moot = !lost.containsKey(probe.getKey());
                return moot && (probe.getValue().isDone() || probe.getValue().cancel(false));
            });
        });
    }

    private void probeIn(Duration wait, StagePlacement shard) {
        probes.put(shard.getMember(), executor.schedule(() -> probe(shard), wait.toMillis(), TimeUnit.MILLISECONDS));
    }

    private void probe(StagePlacement shard) {
        if (!lost.containsKey(shard.getMember())) {
            return;
        }
        ManagedChannel channel = dial.apply(shard.getEndpoint());
        ListenableFuture<Boolean> alive = Futures.catching(
                Futures.withTimeout(Liveness.ask(channel), ANSWER_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS, executor),
                TimeoutException.class,
                late -> false,
                MoreExecutors.directExecutor());
        alive.addListener(
                () -> {
                    channel.shutdownNow();
                    answered(shard, requireNonNull(Futures.getUnchecked(alive)));
                },
                executor);
    }

    private void answered(StagePlacement shard, boolean alive) {
        if (!alive) {
            probeIn(FIRST_PROBE, shard);
        } else if (lost.remove(shard.getMember()) != null) {
            publish.accept(Set.copyOf(lost.keySet()));
        }
    }

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }
}
