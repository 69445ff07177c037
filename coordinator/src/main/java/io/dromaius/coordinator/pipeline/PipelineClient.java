package io.dromaius.coordinator.pipeline;

import com.google.common.base.Ticker;
import io.dromaius.coordinator.engine.StepPlan;
import io.dromaius.coordinator.engine.StepSink;
import io.dromaius.node.rpc.Silence;
import io.dromaius.proto.internal.v1.ExecuteRequest;
import io.dromaius.proto.internal.v1.ExecuteResponse;
import io.dromaius.wire.TensorFrame;
import io.dromaius.wire.WireMethods;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import org.jspecify.annotations.Nullable;

/**
 * The stream of steps to a pipeline's first shard. The engine's thread sends; acknowledgements come several times a
 * second, also without steps, and their absence means that the shard is lost.
 */
final class PipelineClient implements StepSink, AutoCloseable {
    private final StepFrames frames;
    private final String member;
    private final Silence silence;
    private final Ticker ticker;
    private final LossListener losses;
    private final Runnable onOpen;
    private final Map<Long, Long> sent = new ConcurrentHashMap<>();
    private final Context.CancellableContext context = Context.ROOT.withCancellation();
    private @Nullable StreamObserver<TensorFrame<ExecuteRequest>> steps;
    private @Nullable ScheduledFuture<?> watch;

    /**
     * A client that is not connected yet.
     *
     * @param member the first shard
     * @param onOpen called when the shard is heard for the first time
     */
    PipelineClient(
            StepFrames frames,
            String member,
            Duration heartbeatTimeout,
            Ticker ticker,
            LossListener losses,
            Runnable onOpen) {
        this.frames = frames;
        this.member = member;
        this.silence = new Silence(heartbeatTimeout);
        this.ticker = ticker;
        this.losses = losses;
        this.onOpen = onOpen;
    }

    /** Opens the stream and begins to watch it. Before the first {@link #send}. */
    void open(Channel channel, ScheduledExecutorService timer) {
        context.run(() -> steps = WireMethods.execute(channel, CallOptions.DEFAULT, new Acknowledgements()));
        watch = silence.every(timer, this::beat);
    }

    @Override
    public void send(StepPlan plan) {
        StreamObserver<TensorFrame<ExecuteRequest>> open = steps;
        if (open == null) {
            throw new IllegalStateException("the stream of steps is not open");
        }
        sent.put(plan.step(), ticker.read());
        open.onNext(frames.of(plan));
    }

    /** How long a step took, asked once when its result is there. */
    double secondsSinceSent(long step) {
        Long at = sent.remove(step);
        return at == null ? 0 : (ticker.read() - at) / 1e9;
    }

    @Override
    public void lost(String cause) {
        losses.onLost(cause, Optional.empty());
    }

    /** Ends the stream and the watch. */
    @Override
    public void close() {
        if (watch != null) {
            watch.cancel(false);
        }
        context.cancel(null);
    }

    private void beat() {
        if (silence.beat()) {
            losses.onLost(
                    "shard " + member + " has not been heard for "
                            + silence.limit().toMillis() + " ms",
                    Optional.of(member));
        }
    }

    private final class Acknowledgements
            implements ClientResponseObserver<TensorFrame<ExecuteRequest>, ExecuteResponse> {
        private boolean open;

        @Override
        public void beforeStart(ClientCallStreamObserver<TensorFrame<ExecuteRequest>> requestStream) {}

        @Override
        public void onNext(ExecuteResponse acknowledgement) {
            silence.heard();
            if (!open) {
                open = true;
                onOpen.run();
            }
        }

        @Override
        public void onError(Throwable cause) {
            losses.onLost(
                    "the stream of steps to shard " + member + " broke: " + Blame.words(cause),
                    Blame.of(cause, member));
        }

        @Override
        public void onCompleted() {
            losses.onLost("shard " + member + " ended the stream of steps", Optional.empty());
        }
    }
}
