package io.dromaius.shard;

import io.dromaius.node.rpc.FailureCode;
import io.dromaius.node.rpc.Failures;
import io.dromaius.node.rpc.Silence;
import io.dromaius.proto.internal.v1.ExecuteRequest;
import io.dromaius.proto.internal.v1.ExecuteResponse;
import io.dromaius.proto.internal.v1.StageTiming;
import io.dromaius.wire.TensorFrame;
import io.dromaius.wire.WireMethods;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.SynchronizationContext;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The stream to the next shard, for one epoch: opened with the first step, never reopened, because a step that is lost
 * cannot be made up for within the epoch.
 *
 * <p>The next shard answers several times a second whether it computes or not. Silence therefore means that the process
 * or the network is gone, also where the connection looks sound, as that of a stopped process does.
 */
final class DownstreamLink implements Outlet {
    private static final Logger log = LoggerFactory.getLogger(DownstreamLink.class);

    /**
     * What links share.
     *
     * @param channels opens a channel to an endpoint
     * @param silence how long a shard may say nothing before it counts as dead
     */
    record Settings(Function<String, ManagedChannel> channels, ScheduledExecutorService timer, Duration silence) {}

    /** An open stream. */
    private record Open(
            ManagedChannel channel,
            ClientCallStreamObserver<TensorFrame<ExecuteRequest>> call,
            ScheduledFuture<?> watch) {}

    private final Neighbour next;
    private final Settings settings;
    private final Listener listener;
    private final Silence silence;
    private final SynchronizationContext context =
            new SynchronizationContext((thread, failure) -> log.error("the link to the next shard failed", failure));
    // The rest belongs to the context.
    private final List<Runnable> waiting = new ArrayList<>();
    private @Nullable Open open;
    private boolean closed;

    DownstreamLink(Neighbour next, Settings settings, Listener listener) {
        this.next = next;
        this.settings = settings;
        this.listener = listener;
        this.silence = new Silence(settings.silence());
    }

    @Override
    public void handOn(ExecuteRequest step, StageOutput output, StageTiming timing, int blocksInUse) {
        ExecuteRequest.Builder header = step.toBuilder().addTimings(timing).clearShape();
        for (int i = 0; i < header.getSlicesCount(); i++) {
            if (header.getSlices(i).getInputsCount() > 0) {
                header.getSlicesBuilder(i).clearInputs();
            }
        }
        TensorFrame<ExecuteRequest> frame = TensorFrame.of(
                header.setDtype(output.dtype()).addAllShape(output.shape()).build(),
                output.payload(),
                output.release());
        context.execute(() -> send(frame));
    }

    private void send(TensorFrame<ExecuteRequest> frame) {
        if (closed) {
            frame.close();
            return;
        }
        if (open == null) {
            open = open();
        }
        open.call.onNext(frame);
    }

    private Open open() {
        ManagedChannel channel = settings.channels().apply(next.endpoint());
        Answers answers = new Answers();
        WireMethods.execute(channel, CallOptions.DEFAULT, answers);
        ScheduledFuture<?> watch = silence.every(settings.timer(), () -> context.execute(this::beat));
        return new Open(channel, answers.call(), watch);
    }

    private void beat() {
        if (silence.beat()) {
            fail(lost("has said nothing for " + silence.limit().toMillis() + " ms", null));
        }
    }

    @Override
    public void whenReady(Runnable callback) {
        context.execute(() -> {
            if (open == null || open.call.isReady()) {
                callback.run();
            } else if (!closed) {
                waiting.add(callback);
            }
        });
    }

    private void ready() {
        List<Runnable> callbacks = List.copyOf(waiting);
        waiting.clear();
        callbacks.forEach(Runnable::run);
    }

    @Override
    public void complete() {
        context.execute(() -> {
            if (open != null && !closed) {
                open.call.onCompleted();
                open.channel.shutdown();
                open.watch.cancel(false);
            }
            closed = true;
        });
    }

    @Override
    public void close(StatusRuntimeException reason) {
        context.execute(() -> end(reason));
    }

    private void fail(StatusRuntimeException failure) {
        if (!closed) {
            end(failure);
            listener.broken(failure);
        }
    }

    private void end(StatusRuntimeException reason) {
        if (closed) {
            return;
        }
        closed = true;
        waiting.clear();
        if (open != null) {
            open.watch.cancel(false);
            open.call.cancel("the step stream ends here", reason);
            open.channel.shutdownNow();
        }
    }

    private StatusRuntimeException lost(String what, @Nullable Throwable cause) {
        Failures failure = Failures.of(FailureCode.PEER_LOST, "shard " + next.member() + " " + what)
                .info("member", next.member());
        return cause == null ? failure.build() : failure.cause(cause).build();
    }

    /** What the next shard says, handed to the context. */
    private final class Answers implements ClientResponseObserver<TensorFrame<ExecuteRequest>, ExecuteResponse> {
        private @Nullable ClientCallStreamObserver<TensorFrame<ExecuteRequest>> call;

        ClientCallStreamObserver<TensorFrame<ExecuteRequest>> call() {
            if (call == null) {
                throw new IllegalStateException("the call is not started");
            }
            return call;
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<TensorFrame<ExecuteRequest>> requests) {
            call = requests;
            requests.setOnReadyHandler(() -> context.execute(DownstreamLink.this::ready));
        }

        @Override
        public void onNext(ExecuteResponse response) {
            silence.heard();
        }

        @Override
        public void onError(Throwable failure) {
            context.execute(() -> fail(told(failure)));
        }

        @Override
        public void onCompleted() {
            context.execute(() -> fail(lost("has ended the stream", null)));
        }

        /** A failure that a shard further down has put into words is passed on; anything else means the next one. */
        private StatusRuntimeException told(Throwable failure) {
            if (failure instanceof StatusRuntimeException status
                    && Failures.codeOf(failure).isPresent()) {
                return status;
            }
            return lost("is gone", failure);
        }
    }
}
