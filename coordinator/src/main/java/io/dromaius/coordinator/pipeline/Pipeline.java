package io.dromaius.coordinator.pipeline;

import static com.google.common.base.Preconditions.checkState;

import io.dromaius.coordinator.engine.EngineConfig;
import io.dromaius.coordinator.engine.EngineLoop;
import io.dromaius.coordinator.engine.EngineStats;
import io.dromaius.coordinator.engine.Failure;
import io.dromaius.coordinator.engine.GenerationListener;
import io.dromaius.coordinator.engine.GenerationRequest;
import io.dromaius.coordinator.engine.GenerationTask;
import io.dromaius.coordinator.engine.StepResult;
import io.dromaius.coordinator.vision.VisualEmbeddings;
import io.dromaius.proto.internal.v1.DType;
import io.dromaius.proto.internal.v1.LoadShardResponse;
import io.dromaius.proto.internal.v1.PipelinePlacement;
import io.dromaius.proto.internal.v1.StagePlacement;
import io.dromaius.proto.internal.v1.StageTiming;
import io.dromaius.wire.TensorBuffers;
import io.grpc.ManagedChannel;
import io.grpc.SynchronizationContext;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
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

    /** The streams of a pipeline break together; the one that knows which shard it was may be heard after one that does not. */
    private static final Duration BLAME_WAIT = Duration.ofMillis(250);

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
    private final List<ManagedChannel> channels;
    private final LoadWatch loadWatch;
    private final PipelineClient client;
    private final ResultsStream results;
    private final Map<String, BusyShare> busy = new LinkedHashMap<>();
    private final AtomicInteger load = new AtomicInteger();
    private final SynchronizationContext sync = new SynchronizationContext(
            (thread, e) -> log.error("a pipeline's state change failed", e)); // a defect; the watchdogs still stand

    /** So that no request comes after the engine's stop, where nobody would hear it. */
    private final Object submitting = new Object();

    private volatile State state = State.LOADING;
    private volatile String detail = "shards are loading";
    private volatile boolean unloadable;
    private volatile @Nullable EngineLoop engine;
    private volatile @Nullable Future<?> lateLoss;
    private volatile @Nullable VisualEmbeddings unconditional;

    /** A pipeline of {@code placement}, which this coordinator owns. Nothing happens before {@link #start}. */
    public Pipeline(PipelinePlacement placement, PipelineEnvironment environment, Listener listener) {
        this.placement = placement;
        this.environment = environment;
        this.listener = listener;
        this.dtype = environment.dtypeOf().apply(placement.getStages(0).getMember());
        Incarnation incarnation = new Incarnation(placement.getId(), placement.getEpoch(), placement.getOwner());
        this.channels = placement.getStagesList().stream()
                .map(stage -> environment.dial().apply(stage.getEndpoint()))
                .toList();
        this.loadWatch = new LoadWatch(
                placement, channels, environment.settings().heartbeatTimeout(), environment.timer(), this::onLost);
        String first = placement.getStages(0).getMember();
        String last = placement.getStages(placement.getStagesCount() - 1).getMember();
        this.client = new PipelineClient(
                new StepFrames(incarnation, dtype, environment.hidden(), TensorBuffers.shared()),
                first,
                environment.settings().heartbeatTimeout(),
                environment.ticker(),
                this::onLost,
                () -> sync.execute(this::sendCanary));
        this.results = new ResultsStream(incarnation, last, this::onResult, this::onLost);
        for (StagePlacement stage : placement.getStagesList()) {
            busy.put(stage.getMember(), new BusyShare(environment.ticker()));
        }
    }

    /** Begins to load; the listener hears how it goes. */
    public void start() {
        ShardLoader loader = new ShardLoader(environment.settings(), dtype);
        loader.load(
                placement, channels, loaded -> sync.execute(() -> open(loaded)), () -> unloadable = true, this::onLost);
        loadWatch.start();
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

    /** Share of the last seconds that each stage computed, by member. */
    public Map<String, Double> busy() {
        Map<String, Double> shares = new LinkedHashMap<>();
        busy.forEach((member, share) -> shares.put(member, share.share()));
        return shares;
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
        PipelineSettings settings = environment.settings();
        EngineConfig usual = EngineConfig.of(placement.getStagesCount(), blocks, settings.blockSize());
        EngineConfig config = new EngineConfig(
                blocks,
                settings.blockSize(),
                settings.window() == 0 ? usual.window() : settings.window(),
                usual.maxRows(),
                usual.minChunk(),
                usual.maxSequences(),
                settings.stepTimeout(),
                settings.rowTimeout());
        EngineLoop loop =
                new EngineLoop(config, environment.model(), environment.texts(), client, environment.ticker());
        engine = loop;
        detail = "the canary is on its way";
        results.open(channels.get(channels.size() - 1));
        client.open(channels.get(0), environment.timer());
    }

    private void sendCanary() {
        if (state != State.LOADING) {
            return;
        }
        EngineLoop loop = loop();
        Thread thread = new Thread(loop, "engine-" + id() + "-" + placement.getEpoch());
        thread.setDaemon(true);
        thread.start();
        long deadline = environment.ticker().read()
                + environment.settings().canaryTimeout().toNanos();
        GenerationRequest canary =
                new GenerationRequest("canary", environment.canaryPrompt(), new GenerationTask.Draw(), deadline);
        loop.submit(canary, new Canary());
    }

    private void onResult(StepResult result, List<StageTiming> timings) {
        loop().onStepDone(result);
        environment.metrics().step(id(), client.secondsSinceSent(result.step()));
        for (StageTiming timing : timings) {
            BusyShare share = busy.get(timing.getMember());
            if (share != null) {
                share.add(timing.getComputeNanos());
            }
            environment
                    .metrics()
                    .stage(timing.getMember(), timing.getComputeNanos() / 1e9, timing.getWaitNanos() / 1e9);
        }
    }

    private void onPassed(VisualEmbeddings made) {
        if (state == State.LOADING) {
            unconditional = environment.unconditional().keep(made);
            state = State.SERVING;
            detail = "";
            loadWatch.close();
            log.info("{} serves in epoch {}", id(), placement.getEpoch());
            listener.onServing(this);
        }
    }

    private void onLost(String cause, Optional<String> member) {
        if (member.isPresent()) {
            sync.execute(() -> breakDown(cause, member));
        } else {
            lateLoss = environment
                    .timer()
                    .schedule(
                            () -> sync.execute(() -> breakDown(cause, member)),
                            BLAME_WAIT.toMillis(),
                            TimeUnit.MILLISECONDS);
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
        Future<?> late = lateLoss;
        if (late != null) {
            late.cancel(false);
        }
        loadWatch.close();
        client.close();
        results.close();
        channels.forEach(ManagedChannel::shutdownNow);
    }

    /** The unconditional picture, all the way through. */
    private final class Canary implements GenerationListener {
        @Override
        public void onPicture(int picture, ByteBuffer embeddings) {
            int tokens = environment.model().visualTokens();
            VisualEmbeddings made = new VisualEmbeddings(dtype, 1, tokens, environment.hidden(), embeddings);
            sync.execute(() -> onPassed(made));
        }

        @Override
        public void onFailed(Failure failure) {
            onLost("the canary failed: " + failure.message(), Optional.empty());
        }
    }
}
