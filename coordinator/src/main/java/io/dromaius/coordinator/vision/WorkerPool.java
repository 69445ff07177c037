package io.dromaius.coordinator.vision;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.dromaius.node.rpc.PeerWatch;
import io.dromaius.proto.internal.v1.Member;
import io.grpc.ManagedChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Workers of one role and a channel to each. Work goes to the one with the least of it, ties to the one that has waited
 * longest. One that gives no sign of life gets none, and the calls that wait for it end with UNAVAILABLE. One that takes
 * no connection gets none either, but keeps the calls that it has: it may be finishing them before it ends. Thread-safe.
 */
public final class WorkerPool implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(WorkerPool.class);
    /** Leaves another worker time to do it over within the three seconds that callers may notice. */
    private static final Duration SILENCE = Duration.ofMillis(1500);

    private final Function<Member, ManagedChannel> dial;
    private final ScheduledExecutorService timer;

    @GuardedBy("this")
    private final Map<String, Worker> workers = new HashMap<>();

    @GuardedBy("this")
    private long leases;

    /**
     * A pool without workers.
     *
     * @param dial opens a channel that the pool closes
     * @param timer for the watch over workers; not shut down here
     */
    public WorkerPool(Function<Member, ManagedChannel> dial, ScheduledExecutorService timer) {
        this.dial = dial;
        this.timer = timer;
    }

    /** Takes over who is there: newcomers are dialled, and calls to those who left end as their channels say. */
    public void update(Collection<Member> members) {
        List<Worker> left = new ArrayList<>();
        List<Worker> joined = new ArrayList<>();
        synchronized (this) {
            Set<String> ids = new HashSet<>();
            for (Member member : members) {
                ids.add(member.getId());
                Worker known = workers.get(member.getId());
                if (known != null && known.member.getEndpoint().equals(member.getEndpoint())) {
                    continue;
                }
                if (known != null) {
                    left.add(known);
                }
                Worker fresh = new Worker(member, dial.apply(member));
                workers.put(member.getId(), fresh);
                joined.add(fresh);
            }
            workers.values().removeIf(worker -> {
                boolean gone = !ids.contains(worker.member.getId());
                if (gone) {
                    left.add(worker);
                }
                return gone;
            });
        }
        left.forEach(this::leave);
        joined.forEach(worker -> worker.watch.start());
    }

    /**
     * The least loaded worker that is alive and not in {@code except}; empty when there is none. Close the lease when
     * done.
     */
    public synchronized Optional<Lease> lease(Set<String> except) {
        Worker chosen = null;
        for (Worker worker : workers.values()) {
            boolean better = chosen == null
                    || worker.load < chosen.load
                    || (worker.load == chosen.load && worker.lastLease < chosen.lastLease);
            if (better && worker.alive && !except.contains(worker.member.getId())) {
                chosen = worker;
            }
        }
        if (chosen == null) {
            return Optional.empty();
        }
        chosen.load++;
        chosen.lastLease = ++leases;
        return Optional.of(new Lease(chosen, chosen.channel));
    }

    /** Whether there is a worker that is alive. */
    public synchronized boolean available() {
        return workers.values().stream().anyMatch(worker -> worker.alive);
    }

    public synchronized int size() {
        return workers.size();
    }

    /** Ends the calls in flight. */
    @Override
    public void close() {
        List<Worker> left;
        synchronized (this) {
            left = List.copyOf(workers.values());
            left.forEach(worker -> worker.left = true); // nobody dials one again
            workers.clear();
        }
        left.forEach(worker -> {
            worker.watch.close();
            channelOf(worker).shutdownNow();
        });
    }

    private synchronized ManagedChannel channelOf(Worker worker) {
        return worker.channel;
    }

    /** Calls in flight go on, watched until the last is over. */
    private void leave(Worker worker) {
        boolean idle;
        synchronized (this) {
            worker.left = true;
            idle = worker.load == 0;
        }
        if (idle) {
            dismiss(worker);
        }
    }

    private void release(Worker worker) {
        boolean over;
        synchronized (this) {
            worker.load--;
            over = worker.left && worker.load == 0;
        }
        if (over) {
            dismiss(worker);
        }
    }

    private void dismiss(Worker worker) {
        worker.watch.close();
        channelOf(worker).shutdown();
    }

    /** Its channel stays: the calls in flight are on the connection that it had, and if it is dead they end with that. */
    private void onUnreachable(Worker worker) {
        synchronized (this) {
            worker.alive = false;
        }
        log.info("worker {} cannot be reached and gets no more work", worker.member.getId());
    }

    private void onSilent(Worker worker) {
        ManagedChannel broken;
        synchronized (this) {
            broken = worker.channel;
            worker.alive = false;
            if (!worker.left) {
                worker.channel = dial.apply(worker.member);
            }
        }
        log.warn("worker {} gives no sign of life", worker.member.getId());
        broken.shutdownNow();
    }

    private void onAlive(Worker worker) {
        synchronized (this) {
            worker.alive = true;
        }
        log.info("worker {} is alive again", worker.member.getId());
    }

    /** One piece of work on one worker. */
    public final class Lease implements AutoCloseable {
        private final Worker worker;
        private final ManagedChannel channel;

        private Lease(Worker worker, ManagedChannel channel) {
            this.worker = worker;
            this.channel = channel;
        }

        public String member() {
            return worker.member.getId();
        }

        public ManagedChannel channel() {
            return channel;
        }

        @Override
        public void close() {
            release(worker);
        }
    }

    /** Guarded by the pool. */
    private final class Worker implements PeerWatch.Listener {
        final Member member;
        final PeerWatch watch;
        ManagedChannel channel;
        boolean alive = true;
        boolean left;
        int load;
        long lastLease;

        Worker(Member member, ManagedChannel channel) {
            this.member = member;
            this.channel = channel;
            this.watch = new PeerWatch(() -> channelOf(this), SILENCE, WorkerPool.this.timer, this);
        }

        @Override
        public void onUnreachable() {
            WorkerPool.this.onUnreachable(this);
        }

        @Override
        public void onSilent() {
            WorkerPool.this.onSilent(this);
        }

        @Override
        public void onAlive() {
            WorkerPool.this.onAlive(this);
        }
    }
}
