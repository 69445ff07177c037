package io.dromaius.node.membership;

import io.dromaius.node.Node;
import io.dromaius.proto.internal.v1.Member;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.apache.curator.framework.recipes.nodes.PersistentNode;
import org.apache.zookeeper.CreateMode;
import org.jspecify.annotations.Nullable;

/**
 * This process as a member of its cluster: an ephemeral node that comes back by itself after a lost session, with what
 * was last published. Draining takes it away, so it belongs after the server in the node.
 */
public final class Registration implements Node.Part {
    private static final Duration FIRST_CREATE = Duration.ofSeconds(30);

    private final ZooKeeperConnection zookeeper;
    private final String cluster;
    private final Supplier<Member> initial;
    private @Nullable PersistentNode node;
    private Member member = Member.getDefaultInstance();

    /**
     * Registers once started.
     *
     * @param initial asked at the start, when the server's port is known; the id is this process' incarnation
     */
    public Registration(ZooKeeperConnection zookeeper, String cluster, Supplier<Member> initial) {
        this.zookeeper = zookeeper;
        this.cluster = cluster;
        this.initial = initial;
    }

    @Override
    public synchronized void start() throws IOException, InterruptedException {
        member = initial.get();
        PersistentNode created = new PersistentNode(
                zookeeper.curator(),
                CreateMode.EPHEMERAL,
                false,
                new ClusterPaths(cluster).member(member),
                member.toByteArray());
        node = created;
        created.start();
        if (!created.waitForInitialCreate(FIRST_CREATE.toSeconds(), TimeUnit.SECONDS)) {
            throw new IOException("this process could not be registered in ZooKeeper");
        }
    }

    /** What is published of this process. */
    public synchronized Member member() {
        return member;
    }

    /**
     * Publishes a change of this process' own record; at once when connected, else when it is again. Any thread.
     *
     * @throws IllegalStateException before the start or once closed
     */
    public synchronized void update(UnaryOperator<Member> change) {
        if (node == null) {
            throw new IllegalStateException("not registered");
        }
        Member changed = change.apply(member);
        if (!changed.equals(member)) {
            member = changed;
            try {
                node.setData(changed.toByteArray());
            } catch (Exception e) {
                throw new IllegalStateException("the member record could not be published", e);
            }
        }
    }

    @Override
    public void drain(Duration timeLeft) throws IOException {
        leave();
    }

    @Override
    public void close() throws IOException {
        leave();
    }

    private synchronized void leave() throws IOException {
        if (node != null) {
            node.close();
            node = null;
        }
    }
}
