package io.dromaius.coordinator.pipeline;

import io.dromaius.coordinator.engine.StepResult;
import io.dromaius.coordinator.engine.StepSink;
import io.dromaius.proto.internal.v1.DType;
import io.dromaius.proto.internal.v1.LoadShardResponse;
import io.dromaius.proto.internal.v1.PipelinePlacement;
import io.dromaius.proto.internal.v1.StageTiming;
import io.dromaius.wire.TensorBuffers;
import io.grpc.ManagedChannel;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A pipeline's connections to its shards, for one epoch: a channel to each, over which it is told what to load and asked
 * whether it is alive while no stream tells; the stream of steps to the first; the stream of results from the last.
 */
final class ShardConnections implements AutoCloseable {
    /** The streams of a pipeline break together; the one that knows which shard it was may be heard after one that does not. */
    private static final Duration BLAME_WAIT = Duration.ofMillis(250);

    /** Hears what comes back. Called on threads of gRPC's and of the timer's, at the same time too; must not block. */
    interface Listener extends LossListener {
        /** Every shard has loaded; what each answered, in the order of the stages. */
        void onLoaded(List<LoadShardResponse> answers);

        /** The loss that follows will be the same the next time: an operator has to mend something. */
        void onUnloadable();

        /** The first shard takes steps. */
        void onOpen();

        /** A step came back. */
        void onResult(StepResult result, List<StageTiming> timings);

        /** A shard is lost, and which one may still be heard: the loss follows within a quarter of a second. */
        void onDoubted();

        /** A shard is lost, and with it all connections. More than one may be told of. None is after the closing. */
        @Override
        void onLost(String cause, Optional<String> member);
    }

    private final PipelinePlacement placement;
    private final Listener listener;
    private final ShardLoader loader;
    private final ScheduledExecutorService timer;
    private final List<ManagedChannel> channels;
    private final LoadWatch loadWatch;
    private final PipelineClient steps;
    private final ResultsStream results;
    private volatile @Nullable Future<?> lateLoss;
    private volatile boolean closed;

    /** Connections that carry nothing before {@link #load}. */
    ShardConnections(PipelinePlacement placement, DType dtype, PipelineEnvironment environment, Listener listener) {
        this.placement = placement;
        this.listener = listener;
        this.loader = new ShardLoader(environment.settings(), dtype);
        this.timer = environment.timer();
        this.channels = placement.getStagesList().stream()
                .map(stage -> environment.dial().apply(stage.getEndpoint()))
                .toList();
        Duration silence = environment.settings().heartbeatTimeout();
        this.loadWatch = new LoadWatch(placement, channels, silence, timer, this::onLost);
        Incarnation incarnation = new Incarnation(placement.getId(), placement.getEpoch(), placement.getOwner());
        this.steps = new PipelineClient(
                new StepFrames(incarnation, dtype, environment.hidden(), TensorBuffers.shared()),
                placement.getStages(0).getMember(),
                silence,
                environment.ticker(),
                this::onLost,
                listener::onOpen);
        String last = placement.getStages(placement.getStagesCount() - 1).getMember();
        this.results = new ResultsStream(incarnation, last, listener::onResult, this::onLost);
    }

    /** Tells every shard what to load, and begins to ask whether they live. */
    void load() {
        loader.load(placement, channels, listener::onLoaded, listener::onUnloadable, this::onLost);
        loadWatch.start();
    }

    /** Opens both streams, once the shards have loaded. */
    void open() {
        results.open(channels.get(channels.size() - 1));
        steps.open(channels.get(0), timer);
    }

    /** Asks no more whether shards live: from now on the streams tell. */
    void streamsTell() {
        loadWatch.close();
    }

    /** Where steps go, once the streams are open. */
    StepSink steps() {
        return steps;
    }

    /** How long a step took, asked once when its result is there. */
    double secondsSinceSent(long step) {
        return steps.secondsSinceSent(step);
    }

    /** Lets go of the shards. */
    @Override
    public void close() {
        closed = true;
        Future<?> late = lateLoss;
        if (late != null) {
            late.cancel(false);
        }
        loadWatch.close();
        steps.close();
        results.close();
        channels.forEach(ManagedChannel::shutdownNow);
    }

    private void onLost(String cause, Optional<String> member) {
        if (closed) {
            return;
        }
        if (member.isPresent()) {
            listener.onLost(cause, member);
        } else {
            listener.onDoubted();
            lateLoss = timer.schedule(() -> tell(cause), BLAME_WAIT.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void tell(String cause) {
        if (!closed) {
            listener.onLost(cause, Optional.empty());
        }
    }
}
