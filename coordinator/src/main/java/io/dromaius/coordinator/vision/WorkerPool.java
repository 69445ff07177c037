package io.dromaius.coordinator.vision;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.dromaius.proto.internal.v1.Member;
import io.grpc.ManagedChannel;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Workers of one role and a channel to each. Work goes to the one with the least of it, ties to the one that has waited
 * longest. Thread-safe.
 */
public final class WorkerPool implements AutoCloseable {
    private final Function<Member, ManagedChannel> dial;

    @GuardedBy("this")
    private final Map<String, Worker> workers = new HashMap<>();

    @GuardedBy("this")
    private long leases;

    /** A pool without workers; {@code dial} opens a channel that the pool closes. */
    public WorkerPool(Function<Member, ManagedChannel> dial) {
        this.dial = dial;
    }

    /** Takes over who is there: newcomers are dialled, and calls to those who left end as their channels say. */
    public void update(Collection<Member> members) {
        List<Worker> left = new ArrayList<>();
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
                workers.put(member.getId(), new Worker(member, dial.apply(member)));
            }
            workers.values().removeIf(worker -> {
                boolean gone = !ids.contains(worker.member.getId());
                if (gone) {
                    left.add(worker);
                }
                return gone;
            });
        }
        left.forEach(worker -> worker.channel.shutdown());
    }

    /** The least loaded worker that is not in {@code except}; empty when there is none. Close the lease when done. */
    public synchronized Optional<Lease> lease(Set<String> except) {
        Worker chosen = null;
        for (Worker worker : workers.values()) {
            boolean better = chosen == null
                    || worker.load < chosen.load
                    || (worker.load == chosen.load && worker.lastLease < chosen.lastLease);
            if (better && !except.contains(worker.member.getId())) {
                chosen = worker;
            }
        }
        if (chosen == null) {
            return Optional.empty();
        }
        chosen.load++;
        chosen.lastLease = ++leases;
        return Optional.of(new Lease(chosen));
    }

    public synchronized int size() {
        return workers.size();
    }

    /** Ends the calls in flight. */
    @Override
    public synchronized void close() {
        workers.values().forEach(worker -> worker.channel.shutdownNow());
        workers.clear();
    }

    private synchronized void release(Worker worker) {
        worker.load--;
    }

    /** One piece of work on one worker. */
    public final class Lease implements AutoCloseable {
        private final Worker worker;

        private Lease(Worker worker) {
            this.worker = worker;
        }

        public String member() {
            return worker.member.getId();
        }

        public ManagedChannel channel() {
            return worker.channel;
        }

        @Override
        public void close() {
            release(worker);
        }
    }

    private static final class Worker {
        final Member member;
        final ManagedChannel channel;
        int load;
        long lastLease;

        Worker(Member member, ManagedChannel channel) {
            this.member = member;
            this.channel = channel;
        }
    }
}
