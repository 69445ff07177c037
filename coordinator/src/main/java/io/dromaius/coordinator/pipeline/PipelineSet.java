package io.dromaius.coordinator.pipeline;

import io.dromaius.coordinator.engine.EngineStats;
import io.dromaius.proto.internal.v1.PipelinePlacement;
import io.dromaius.proto.internal.v1.Placement;
import io.dromaius.proto.internal.v1.StagePlacement;
import io.grpc.SynchronizationContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pipelines that this coordinator owns, as the last known placement says. One that breaks is brought up again, in
 * the same epoch, for as long as the placement stays: so a shard that was only slow, or came back, serves again even
 * while ZooKeeper is away.
 */
public final class PipelineSet implements Pipelines, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(PipelineSet.class);
    private static final Duration FIRST_RETRY = Duration.ofMillis(500);
    private static final Duration COUNT_PERIOD = Duration.ofSeconds(1);
    private static final Duration LAST_RETRY = Duration.ofSeconds(8);

    /** Hears what changes; one call at a time, must not block. */
    public interface Listener {
        /** Whether any pipeline serves. */
        void onServing(boolean any);

        /** A shard that a pipeline was lost with. */
        void onShardLost(StagePlacement shard);
    }

    private final String self;
    private final PipelineEnvironment environment;
    private final Listener listener;
    private final ScheduledExecutorService timer;
    private final Future<?> counting;
    private final SynchronizationContext sync =
            new SynchronizationContext((thread, e) -> log.error("a placement could not be applied", e));

    /** So that calls that come at the same time spread. */
    private final Object choosing = new Object();

    private final Map<String, Slot> slots = new HashMap<>(); // in sync
    private volatile List<Pipeline> pipelines = List.of();
    private volatile Counts counts = Counts.NONE;
    private boolean closed; // in sync

    /** A set without pipelines for the coordinator with member id {@code self}. */
    public PipelineSet(String self, PipelineEnvironment environment, Listener listener) {
        this.self = self;
        this.environment = environment;
        this.listener = listener;
        this.timer = environment.timer();
        this.counting = timer.scheduleWithFixedDelay(
                this::count, COUNT_PERIOD.toMillis(), COUNT_PERIOD.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Takes over a placement: what is unchanged goes on untouched. Any thread. */
    public void apply(Placement placement) {
        sync.execute(() -> applyNow(placement));
    }

    /** All pipelines that this coordinator owns, whatever their state. */
    public List<Pipeline> all() {
        return pipelines;
    }

    /** What the engines of all pipelines counted, as of about a second ago. */
    public Counts counted() {
        return counts;
    }

    /**
     * Sums over pipelines.
     *
     * @param preemptions since the pipelines of now began
     */
    public record Counts(long blocks, long blocksInUse, long preemptions) {
        static final Counts NONE = new Counts(0, 0, 0);

        Counts plus(EngineStats stats) {
            return new Counts(
                    blocks + stats.blocks(), blocksInUse + stats.blocksInUse(), preemptions + stats.preemptions());
        }
    }

    private void count() {
        List<CompletableFuture<EngineStats>> asked = pipelines.stream()
                .flatMap(pipeline -> pipeline.stats().stream())
                .toList();
        CompletableFuture<Counts> sum = CompletableFuture.completedFuture(Counts.NONE);
        for (CompletableFuture<EngineStats> one : asked) {
            sum = sum.thenCombine(one, Counts::plus);
        }
        CompletableFuture<Void> kept = sum.thenAccept(counted -> counts = counted);
        kept.orTimeout(COUNT_PERIOD.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public Optional<ServingPipeline> leastLoaded() {
        synchronized (choosing) {
            Optional<Pipeline> chosen =
                    pipelines.stream().filter(Pipeline::choosable).min(Comparator.comparingInt(Pipeline::load));
            chosen.ifPresent(Pipeline::reserve);
            return chosen.map(pipeline -> pipeline);
        }
    }

    @Override
    public void close() {
        sync.execute(() -> {
            closed = true;
            counting.cancel(false);
            slots.values().forEach(Slot::close);
            slots.clear();
            publish();
        });
    }

    private void applyNow(Placement placement) {
        if (closed) {
            return;
        }
        Set<String> placed = new HashSet<>();
        for (PipelinePlacement pipeline : placement.getPipelinesList()) {
            if (!pipeline.getOwner().equals(self)) {
                continue;
            }
            placed.add(pipeline.getId());
            Slot slot = slots.get(pipeline.getId());
            if (slot == null || !slot.placement.equals(pipeline)) {
                if (slot != null) {
                    slot.close();
                }
                Slot fresh = new Slot(pipeline);
                slots.put(pipeline.getId(), fresh);
                fresh.open();
            }
        }
        slots.entrySet().removeIf(entry -> {
            boolean gone = !placed.contains(entry.getKey());
            if (gone) {
                entry.getValue().close();
            }
            return gone;
        });
        publish();
    }

    private void publish() {
        List<Pipeline> current = new ArrayList<>();
        slots.values().forEach(slot -> {
            if (slot.pipeline != null) {
                current.add(slot.pipeline);
            }
        });
        pipelines = List.copyOf(current);
        listener.onServing(current.stream().anyMatch(pipeline -> pipeline.state() == Pipeline.State.SERVING));
    }

    /** One placed pipeline, through all its attempts. */
    private final class Slot implements Pipeline.Listener {
        final PipelinePlacement placement;

        @Nullable
        Pipeline pipeline;

        private Duration retry = FIRST_RETRY;
        private @Nullable Future<?> reopening;
        private boolean over;

        Slot(PipelinePlacement placement) {
            this.placement = placement;
        }

        void open() {
            if (!over) {
                Pipeline made = new Pipeline(placement, environment, this);
                pipeline = made;
                made.start();
            }
        }

        void close() {
            over = true;
            if (reopening != null) {
                reopening.cancel(false);
            }
            if (pipeline != null) {
                pipeline.close();
            }
        }

        @Override
        public void onServing(Pipeline served) {
            sync.execute(() -> {
                retry = FIRST_RETRY;
                publish();
            });
        }

        @Override
        public void onBroken(Pipeline broken, String cause, Optional<String> member) {
            sync.execute(() -> {
                if (over) {
                    return;
                }
                publish();
                stage(member).ifPresent(listener::onShardLost);
                reopening = timer.schedule(() -> sync.execute(this::reopen), retry.toMillis(), TimeUnit.MILLISECONDS);
                retry = retry.multipliedBy(2).compareTo(LAST_RETRY) < 0 ? retry.multipliedBy(2) : LAST_RETRY;
            });
        }

        private void reopen() {
            open();
            publish();
        }

        private Optional<StagePlacement> stage(Optional<String> member) {
            return placement.getStagesList().stream()
                    .filter(stage -> member.isPresent() && stage.getMember().equals(member.get()))
                    .findFirst();
        }
    }
}
