package io.dromaius.coordinator.pipeline;

import static com.google.common.base.Preconditions.checkState;

import io.dromaius.coordinator.engine.EngineLoop;
import io.dromaius.coordinator.engine.EngineStats;
import io.dromaius.coordinator.engine.Failure;
import io.dromaius.coordinator.engine.GenerationListener;
import io.dromaius.coordinator.engine.GenerationRequest;
import io.dromaius.coordinator.engine.StepResult;
import io.dromaius.coordinator.vision.VisualEmbeddings;
import io.dromaius.proto.internal.v1.DType;
import io.dromaius.proto.internal.v1.LoadShardResponse;
import io.dromaius.proto.internal.v1.PipelinePlacement;
import io.dromaius.proto.internal.v1.StageTiming;
import io.grpc.SynchronizationContext;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One pipeline for one epoch: its shards load, the streams to its first and from its last shard open, a canary goes
 * through all of them, and then it serves until it breaks or is closed. It does not come back from that: another one of
 * the same placement has to be made.
 *
 * <p>State changes happen one at a time in a {@link SynchronizationContext}; requests go straight to the engine.
 */
public final class Pipeline implements ServingPipeline, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Pipeline.class);

    /** Where a pipeline is in its life. */
    public enum State {
        LOADING,
        SERVING,
        BROKEN
    }

    /** Hears a pipeline's changes, one at a time. */
    public interface Listener {
        void onServing(Pipeline pipeline);

        /**
         * The pipeline is broken, and every request on it has failed or is about to.
         *
         * @param member the shard to blame, where that is known
         */
        void onBroken(Pipeline pipeline, String cause, Optional<String> member);
    }

    private final PipelinePlacement placement;
    private final PipelineEnvironment environment;
    private final Listener listener;
    private final DType dtype;
    private final ShardConnections shards;
    private final BusyStages busy;
    private final AtomicInteger load = new AtomicInteger();
    private final SynchronizationContext sync = new SynchronizationContext(
            (thread, e) -> log.error("a pipeline's state change failed", e)); // a defect; the watchdogs still stand

    /** So that no request comes after the engine's stop, where nobody would hear it. */
    private final Object submitting = new Object();

    private volatile State state = State.LOADING;
    private volatile String detail = "shards are loading";
    private volatile boolean unloadable;
    private volatile boolean doubted;
    private volatile @Nullable EngineLoop engine;
    private volatile @Nullable VisualEmbeddings unconditional;

    /** A pipeline of {@code placement}, which this coordinator owns. Nothing happens before {@link #start}. */
    public Pipeline(PipelinePlacement placement, PipelineEnvironment environment, Listener listener) {
        this.placement = placement;
        this.environment = environment;
        this.listener = listener;
        this.dtype = environment.dtypeOf().apply(placement.getStages(0).getMember());
        this.shards = new ShardConnections(placement, dtype, environment, new Shards());
        this.busy = new BusyStages(placement.getStagesList(), environment.metrics(), environment.ticker());
    }

    /** Begins to load; the listener hears how it goes. */
    public void start() {
        shards.load();
    }

    public PipelinePlacement placement() {
        return placement;
    }

    public State state() {
        return state;
    }

    /** Why it is not serving, in words; empty when it is. */
    public String detail() {
        return detail;
    }

    /** Whether it broke because of something that an operator has to mend before its shards can load. */
    public boolean unloadable() {
        return unloadable && state == State.BROKEN;
    }

    /** Whether a request may be given to it: it serves, and nothing says that it is lost. */
    boolean choosable() {
        return state == State.SERVING && !doubted;
    }

    /** Share of the last seconds that each stage computed, by member. */
    public Map<String, Double> busy() {
        return busy.shares();
    }

    /** Requests that it was chosen for and that are not released. */
    public int load() {
        return load.get();
    }

    /** It is chosen for one more request. */
    void reserve() {
        load.incrementAndGet();
    }

    /** What the engine counts; empty while it does not serve: {@link #detail} says why. */
    public Optional<CompletableFuture<EngineStats>> stats() {
        EngineLoop loop = engine;
        return loop == null || state != State.SERVING ? Optional.empty() : Optional.of(loop.stats());
    }

    @Override
    public String id() {
        return placement.getId();
    }

    @Override
    public DType dtype() {
        return dtype;
    }

    @Override
    public VisualEmbeddings unconditional() {
        VisualEmbeddings made = unconditional;
        checkState(made != null, "%s has not passed its canary", id());
        return made;
    }

    @Override
    public void submit(GenerationRequest request, GenerationListener requestListener) {
        synchronized (submitting) {
            if (state == State.SERVING) {
                loop().submit(request, requestListener);
                return;
            }
        }
        requestListener.onFailed(new Failure(Failure.Reason.LOST_BEFORE_OUTPUT, id() + " broke: " + detail));
    }

    @Override
    public void release(String requestId) {
        load.decrementAndGet();
        loop().cancel(requestId);
    }

    /** Fails what still runs and lets go of the shards. */
    @Override
    public void close() {
        sync.execute(() -> tearDown("the pipeline is closed"));
    }

    private EngineLoop loop() {
        EngineLoop loop = engine;
        checkState(loop != null, "%s has no engine yet", id());
        return loop;
    }

    private void open(List<LoadShardResponse> loaded) {
        if (state != State.LOADING) {
            return;
        }
        int blocks =
                loaded.stream().mapToInt(LoadShardResponse::getBlocks).min().orElseThrow();
        engine = new EngineLoop(
                environment.settings().engine(placement.getStagesCount(), blocks),
                environment.model(),
                environment.texts(),
                shards.steps(),
                environment.ticker());
        detail = "the canary is on its way";
        shards.open();
    }

    private void sendCanary() {
        if (state != State.LOADING) {
            return;
        }
        EngineLoop loop = loop();
        Thread thread = new Thread(loop, "engine-" + id() + "-" + placement.getEpoch());
        thread.setDaemon(true);
        thread.start();
        Canary canary =
                new Canary(environment, dtype, made -> sync.execute(() -> onPassed(made)), shards.steps()::lost);
        loop.submit(canary.request(), canary);
    }

    private void onPassed(VisualEmbeddings made) {
        if (state == State.LOADING) {
            unconditional = environment.unconditional().keep(made);
            state = State.SERVING;
            detail = "";
            shards.streamsTell();
            log.info("{} serves in epoch {}", id(), placement.getEpoch());
            listener.onServing(this);
        }
    }

    private void breakDown(String cause, Optional<String> member) {
        if (state != State.BROKEN) {
            log.warn("{} broke in epoch {}: {}", id(), placement.getEpoch(), cause);
            tearDown(cause);
            listener.onBroken(this, cause, member);
        }
    }

    private void tearDown(String cause) {
        if (state == State.BROKEN) {
            return;
        }
        detail = cause;
        EngineLoop loop = engine;
        synchronized (submitting) {
            state = State.BROKEN;
            if (loop != null) {
                loop.onPipelineLost(cause);
                loop.stop();
            }
        }
        shards.close();
    }

    /** What the shards tell. */
    private final class Shards implements ShardConnections.Listener {
        @Override
        public void onLoaded(List<LoadShardResponse> answers) {
            sync.execute(() -> open(answers));
        }

        @Override
        public void onUnloadable() {
            unloadable = true;
        }

        @Override
        public void onOpen() {
            sync.execute(Pipeline.this::sendCanary);
        }

        @Override
        public void onResult(StepResult result, List<StageTiming> timings) {
            loop().onStepDone(result);
            environment.metrics().step(id(), shards.secondsSinceSent(result.step()));
            busy.add(timings);
        }

        @Override
        public void onDoubted() {
            doubted = true;
        }

        @Override
        public void onLost(String cause, Optional<String> member) {
            sync.execute(() -> breakDown(cause, member));
        }
    }
}
