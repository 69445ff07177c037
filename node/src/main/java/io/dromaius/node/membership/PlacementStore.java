package io.dromaius.node.membership;

import com.google.protobuf.InvalidProtocolBufferException;
import io.dromaius.node.Node;
import io.dromaius.proto.internal.v1.Placement;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.cache.ChildData;
import org.apache.curator.framework.recipes.cache.CuratorCache;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.data.Stat;

/**
 * The cluster's one placement record. It is written by compare-and-set on the node's version; it is watched, and the
 * last one seen stands while ZooKeeper is away, also when the node itself is gone.
 */
public final class PlacementStore implements Node.Part {
    /** The version of a record that is not there. */
    public static final int ABSENT = -1;

    /** A record and the version to be named when it is replaced. */
    public record Versioned(Placement placement, int version) {
        static final Versioned NONE = new Versioned(Placement.getDefaultInstance(), ABSENT);
    }

    private final CuratorFramework curator;
    private final String path;
    private final CuratorCache cache;
    private final Executor executor;
    private final List<Consumer<Versioned>> listeners = new CopyOnWriteArrayList<>();
    private volatile Versioned lastKnown = Versioned.NONE;

    /**
     * Watches once started.
     *
     * @param executor serial; listeners run there
     */
    public PlacementStore(ZooKeeperConnection zookeeper, String cluster, Executor executor) {
        this.curator = zookeeper.curator();
        this.path = new ClusterPaths(cluster).placement();
        this.executor = executor;
        this.cache = CuratorCache.build(curator, path, CuratorCache.Options.SINGLE_NODE_CACHE);
        this.cache.listenable().addListener((type, before, after) -> {
            switch (type) {
                case NODE_CREATED, NODE_CHANGED -> executor.execute(() -> seen(after));
                case NODE_DELETED -> executor.execute(this::deleted);
            }
        });
    }

    /** Tells of each new record; the first time of the last known one, when the listener is added. */
    public void addListener(Consumer<Versioned> listener) {
        executor.execute(() -> {
            listeners.add(listener);
            listener.accept(lastKnown);
        });
    }

    /** The record last seen. Any thread, never blocks. */
    public Versioned lastKnown() {
        return lastKnown;
    }

    /**
     * The record as it is in ZooKeeper now. Blocks.
     *
     * @throws Exception if ZooKeeper does not answer
     */
    public Versioned read() throws Exception {
        Stat stat = new Stat();
        try {
            byte[] bytes = curator.getData().storingStatIn(stat).forPath(path);
            return new Versioned(Placement.parseFrom(bytes), stat.getVersion());
        } catch (KeeperException.NoNodeException e) {
            return Versioned.NONE;
        }
    }

    /**
     * Replaces the record if it still has the version expected, {@link #ABSENT} for none. Blocks.
     *
     * @return false if it does not, also when an earlier attempt of this very write has gone through unheard; read again
     * @throws Exception if ZooKeeper does not answer; whether the record is written is then unknown
     */
    public boolean compareAndSet(int expectedVersion, Placement next) throws Exception {
        try {
            if (expectedVersion == ABSENT) {
                curator.create().creatingParentsIfNeeded().forPath(path, next.toByteArray());
            } else {
                curator.setData().withVersion(expectedVersion).forPath(path, next.toByteArray());
            }
            return true;
        } catch (KeeperException.BadVersionException
                | KeeperException.NodeExistsException
                | KeeperException.NoNodeException e) {
            return false;
        }
    }

    @Override
    public void start() {
        cache.start();
    }

    @Override
    public void close() {
        cache.close();
    }

    private void seen(ChildData node) {
        try {
            publish(new Versioned(
                    Placement.parseFrom(node.getData()), node.getStat().getVersion()));
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(path + " holds no placement", e);
        }
    }

    private void deleted() {
        publish(new Versioned(lastKnown.placement(), ABSENT));
    }

    private void publish(Versioned record) {
        lastKnown = record;
        listeners.forEach(listener -> listener.accept(record));
    }
}
