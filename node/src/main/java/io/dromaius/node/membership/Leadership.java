package io.dromaius.node.membership;

import io.dromaius.node.Node;
import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.apache.curator.framework.recipes.leader.LeaderLatch;
import org.apache.curator.framework.recipes.leader.LeaderLatchListener;

/**
 * Which coordinator writes placements. Leadership is given up as soon as the connection is in doubt; it gates nothing
 * but the writing, which compare-and-set guards besides.
 */
public final class Leadership implements Node.Part {
    private final ZooKeeperConnection zookeeper;
    private final LeaderLatch latch;
    private volatile String lastLeader = "";

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
     * unless that is known to be away.
     */
    public String leader() {
        if (!zookeeper.isConnected()) {
            return lastLeader; // Curator would try again for many seconds
        }
        try {
            lastLeader = latch.getLeader().getId();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            // Away, or nobody leads yet: what was known stands.
            return lastLeader;
        }
        return lastLeader;
    }

    @Override
    public void start() throws Exception {
        latch.start();
    }

    @Override
    public void close() throws IOException {
        if (latch.getState() == LeaderLatch.State.STARTED) {
            latch.close();
        }
    }
}
