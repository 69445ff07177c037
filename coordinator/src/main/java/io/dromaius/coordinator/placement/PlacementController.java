package io.dromaius.coordinator.placement;

import io.dromaius.node.Node;
import io.dromaius.node.membership.Leadership;
import io.dromaius.node.membership.Membership;
import io.dromaius.node.membership.PlacementStore;
import io.dromaius.proto.internal.v1.Member;
import io.dromaius.proto.internal.v1.Placement;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes placements, on the coordinator that leads. Whenever the members change it waits until they have settled, plans,
 * and replaces the record by compare-and-set if the plan differs. All of it happens on one executor thread.
 */
public final class PlacementController implements Node.Part {
    private static final Logger log = LoggerFactory.getLogger(PlacementController.class);
    private static final Duration RETRY = Duration.ofSeconds(1);

    private final PlacementPlanner planner;
    private final String self;
    private final Membership membership;
    private final PlacementStore store;
    private final Leadership leadership;
    private final Duration settle;
    private final ScheduledExecutorService executor;
    private @Nullable ScheduledFuture<?> planned;

    /**
     * A controller that acts once started.
     *
     * @param self member id of this coordinator
     * @param settle quiet time after a change of the members
     * @param executor of one thread, which may block on ZooKeeper; not shut down here
     */
    public PlacementController(
            PlacementPlanner planner,
            String self,
            Membership membership,
            PlacementStore store,
            Leadership leadership,
            Duration settle,
            ScheduledExecutorService executor) {
        this.planner = planner;
        this.self = self;
        this.membership = membership;
        this.store = store;
        this.leadership = leadership;
        this.settle = settle;
        this.executor = executor;
    }

    @Override
    public void start() {
        membership.addListener(members -> executor.execute(() -> planIn(settle)));
        leadership.addListener(leads -> planIn(settle), executor);
    }

    private void planIn(Duration delay) {
        if (planned != null) {
            planned.cancel(false);
        }
        planned = executor.schedule(this::plan, delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void plan() {
        if (!leadership.isLeader()) {
            return;
        }
        try {
            PlacementStore.Versioned record = store.read();
            boolean absent = record.version() == PlacementStore.ABSENT;
            // A record that was deleted does not stop what it placed.
            Placement current = absent ? store.lastKnown().placement() : record.placement();
            Placement next = planner.plan(view(), current);
            if (next.equals(record.placement())) {
                return;
            }
            if (store.compareAndSet(record.version(), next)) {
                log.info("placed {} pipelines, highest epoch {}", next.getPipelinesCount(), next.getHighestEpoch());
            } else {
                planIn(RETRY);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            log.warn("no placement could be written: {}; trying again", e.toString());
            planIn(RETRY);
        }
    }

    private ClusterView view() {
        return ClusterView.of(
                membership.members(Member.Role.ROLE_SHARD), membership.members(Member.Role.ROLE_COORDINATOR), self);
    }
}
