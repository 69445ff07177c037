package io.dromaius.node.membership;

import com.google.protobuf.InvalidProtocolBufferException;
import io.dromaius.node.Node;
import io.dromaius.proto.internal.v1.Member;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.curator.framework.recipes.cache.ChildData;
import org.apache.curator.framework.recipes.cache.CuratorCache;
import org.apache.curator.framework.recipes.cache.CuratorCacheListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The members of a cluster as last seen.
 *
 * <p>Without a connection the last view stands. A member is gone only when its node has been away for the grace period:
 * after a lost session a living member's node vanishes for a moment, and nobody may lose a pipeline over that.
 *
 * <p>Listeners run on the executor given, one after the other; so does everything else in here.
 */
public final class Membership implements Node.Part {
    private static final Logger log = LoggerFactory.getLogger(Membership.class);

    private final ScheduledExecutorService executor;
    private final Duration grace;
    private final CuratorCache cache;
    private final List<Consumer<List<Member>>> listeners = new CopyOnWriteArrayList<>();
    private final Map<String, Member> byPath = new TreeMap<>();
    private final Map<String, ScheduledFuture<?>> leaving = new HashMap<>();
    private volatile List<Member> view = List.of();

    /**
     * Watches once started.
     *
     * @param executor of one thread, or otherwise serial; not shut down here
     */
    public Membership(
            ZooKeeperConnection zookeeper, String cluster, Duration grace, ScheduledExecutorService executor) {
        this.executor = executor;
        this.grace = grace;
        this.cache = CuratorCache.build(zookeeper.curator(), new ClusterPaths(cluster).members());
        this.cache.listenable().addListener(this::cacheChanged);
    }

    /** Tells of each change of the view; the first time of the view as it is when the listener is added. */
    public void addListener(Consumer<List<Member>> listener) {
        executor.execute(() -> {
            listeners.add(listener);
            listener.accept(view);
        });
    }

    /** All members, by role and id. Any thread. */
    public List<Member> members() {
        return view;
    }

    /** The members of one role, by id. Any thread. */
    public List<Member> members(Member.Role role) {
        return view.stream().filter(member -> member.getRole() == role).toList();
    }

    @Override
    public void start() {
        cache.start();
    }

    @Override
    public void close() {
        cache.close();
        executor.execute(() -> {
            leaving.values().forEach(departure -> departure.cancel(false));
            leaving.clear();
        });
    }

    private void cacheChanged(CuratorCacheListener.Type type, ChildData before, ChildData after) {
        switch (type) {
            case NODE_CREATED, NODE_CHANGED -> executor.execute(() -> seen(after));
            case NODE_DELETED -> executor.execute(() -> missed(before.getPath()));
        }
    }

    private void seen(ChildData node) {
        if (node.getData().length == 0) {
            return; // a role's own node
        }
        Member member;
        try {
            member = Member.parseFrom(node.getData());
        } catch (InvalidProtocolBufferException e) {
            log.warn("{} holds no member; it is left out", node.getPath(), e);
            return;
        }
        ScheduledFuture<?> departure = leaving.remove(node.getPath());
        if (departure != null) {
            departure.cancel(false);
        }
        if (!member.equals(byPath.put(node.getPath(), member))) {
            publish();
        }
    }

    private void missed(String path) {
        if (byPath.containsKey(path) && !leaving.containsKey(path)) {
            leaving.put(path, executor.schedule(() -> gone(path), grace.toNanos(), TimeUnit.NANOSECONDS));
        }
    }

    private void gone(String path) {
        if (leaving.remove(path) != null && byPath.remove(path) != null) {
            publish();
        }
    }

    private void publish() {
        Collection<Member> members = byPath.values();
        view = List.copyOf(members);
        listeners.forEach(listener -> listener.accept(view));
    }
}
