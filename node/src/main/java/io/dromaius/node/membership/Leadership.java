package io.dromaius.node.membership;

import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ThreadFactoryBuilder;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.dromaius.node.Node;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.curator.framework.recipes.leader.LeaderLatch;
import org.apache.curator.framework.recipes.leader.LeaderLatchListener;

/**
 * Which coordinator writes placements. Leadership is given up as soon as the connection is in doubt; it gates nothing
 * but the writing, which compare-and-set guards besides.
 */
public final class Leadership implements Node.Part {
    private static final Duration PATIENCE = Duration.ofMillis(500);

    private final ZooKeeperConnection zookeeper;
    private final LeaderLatch latch;
    private final ExecutorService asker = Executors.newSingleThreadExecutor(
            new ThreadFactoryBuilder().setNameFormat("leader").setDaemon(true).build());
    private volatile String lastLeader = "";

    @GuardedBy("this")
    private Future<String> asked = Futures.immediateFuture("");

    /** Takes part in the election once started, under this process' member id. */
    public Leadership(ZooKeeperConnection zookeeper, String cluster, String id) {
        this.zookeeper = zookeeper;
        this.latch = new LeaderLatch(zookeeper.curator(), new ClusterPaths(cluster).leader(), id);
    }

    /** Tells, on the executor, when this process becomes leader (true) and when it is not any more. */
    public void addListener(Consumer<Boolean> listener, Executor executor) {
        latch.addListener(
                new LeaderLatchListener() {
                    @Override
                    public void isLeader() {
                        listener.accept(true);
                    }

                    @Override
                    public void notLeader() {
                        listener.accept(false);
                    }
                },
                executor);
    }

    /** Whether this process leads. Any thread, never blocks. */
    public boolean isLeader() {
        return latch.hasLeadership();
    }

    /**
     * The leader's member id, or the last one known when ZooKeeper is away; empty when there was none. Asks ZooKeeper,
     * unless that is known to be away, and waits half a second for it at most: a server that stands still is not known to
     * be away for many seconds.
     */
    public String leader() {
        if (!zookeeper.isConnected()) {
            return lastLeader; // Curator would try again for many seconds
        }
        try {
            lastLeader = ask().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            // Away, or nobody leads yet: what was known stands.
            return lastLeader;
        }
        return lastLeader;
    }

    /** One question at a time, whoever waits for it. */
    private synchronized Future<String> ask() {
        if (asked.isDone()) {
            asked = asker.submit(() -> latch.getLeader().getId());
        }
        return asked;
    }

    @Override
    public void start() throws Exception {
        latch.start();
    }

    @Override
    public void close() throws IOException {
        asker.shutdownNow();
        if (latch.getState() == LeaderLatch.State.STARTED) {
            latch.close();
        }
    }
}
