package io.dromaius.shard;

import io.dromaius.node.rpc.FailureCode;
import io.dromaius.node.rpc.Failures;
import io.dromaius.proto.internal.v1.ExecuteRequest;
import io.dromaius.proto.internal.v1.StageTiming;
import io.dromaius.proto.internal.v1.StreamResultsResponse;
import io.dromaius.wire.TensorFrame;
import io.grpc.StatusRuntimeException;
import io.grpc.SynchronizationContext;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the owner the results, on the last shard. The owner is the one subscriber. It opens its stream before it sends the
 * first step, but the step may be here first; until the stream is there no room is made for further steps.
 */
final class ResultsPublisher implements Outlet {
    private static final Logger log = LoggerFactory.getLogger(ResultsPublisher.class);

    private final PipelineEpoch epoch;
    private final Listener listener;
    private final SynchronizationContext context =
            new SynchronizationContext((thread, failure) -> log.error("results could not be published", failure));
    // The rest belongs to the context.
    private final List<Runnable> waiting = new ArrayList<>();
    private final List<TensorFrame<StreamResultsResponse>> early = new ArrayList<>();
    private @Nullable ResponseStream<TensorFrame<StreamResultsResponse>> subscriber;
    private @Nullable StatusRuntimeException closed;

    ResultsPublisher(PipelineEpoch epoch, Listener listener) {
        this.epoch = epoch;
        this.listener = listener;
    }

    /** Takes the owner's stream, in place of an earlier one. To be called while the service's method runs. */
    void subscribe(ServerCallStreamObserver<TensorFrame<StreamResultsResponse>> results) {
        Subscription subscription = new Subscription(results);
        context.execute(() -> replace(subscription.stream));
    }

    private final class Subscription {
        private final ResponseStream<TensorFrame<StreamResultsResponse>> stream;

        Subscription(ServerCallStreamObserver<TensorFrame<StreamResultsResponse>> results) {
            results.setOnReadyHandler(() -> context.execute(ResultsPublisher.this::ready));
            stream = new ResponseStream<>(results, () -> context.execute(this::cancelled));
        }

        private void cancelled() {
            if (subscriber == stream && closed == null) {
                StatusRuntimeException failure = Failures.of(
                                FailureCode.PEER_LOST, "the owner does not read the results any more")
                        .build();
                end(failure);
                listener.broken(failure);
            }
        }
    }

    private void replace(ResponseStream<TensorFrame<StreamResultsResponse>> stream) {
        if (closed != null) {
            stream.fail(closed);
            return;
        }
        if (subscriber != null) {
            subscriber.fail(Failures.of(FailureCode.PROTOCOL, "another stream of results was opened")
                    .build());
        }
        subscriber = stream;
        early.forEach(stream::send);
        early.clear();
        ready();
    }

    @Override
    public void handOn(ExecuteRequest step, StageOutput output, StageTiming timing, int blocksInUse) {
        StreamResultsResponse header = StreamResultsResponse.newBuilder()
                .setPipeline(epoch.pipeline())
                .setEpoch(epoch.epoch())
                .setOwner(epoch.owner())
                .setStep(step.getStep())
                .addAllRows(output.results())
                .addAllTimings(step.getTimingsList())
                .addTimings(timing)
                .setBlocksInUse(blocksInUse)
                .setDtype(output.dtype())
                .addAllShape(output.shape())
                .build();
        TensorFrame<StreamResultsResponse> frame = TensorFrame.of(header, output.payload(), output.release());
        context.execute(() -> publish(frame));
    }

    private void publish(TensorFrame<StreamResultsResponse> frame) {
        if (closed != null) {
            frame.close();
        } else if (subscriber == null) {
            early.add(frame);
        } else {
            subscriber.send(frame);
        }
    }

    @Override
    public void whenReady(Runnable callback) {
        context.execute(() -> {
            if (subscriber != null && subscriber.isReady()) {
                callback.run();
            } else if (closed == null) {
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
            if (closed == null) {
                end(Failures.of(FailureCode.PROTOCOL, "the steps have ended").build());
                if (subscriber != null) {
                    subscriber.complete();
                }
            }
        });
    }

    @Override
    public void close(StatusRuntimeException reason) {
        context.execute(() -> {
            if (closed == null) {
                end(reason);
                if (subscriber != null) {
                    subscriber.fail(reason);
                }
            }
        });
    }

    private void end(StatusRuntimeException reason) {
        closed = reason;
        waiting.clear();
        early.forEach(TensorFrame::close);
        early.clear();
    }
}
