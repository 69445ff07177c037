package io.dromaius.coordinator.pipeline;

import io.dromaius.coordinator.engine.StepResult;
import io.dromaius.proto.internal.v1.StageTiming;
import io.dromaius.proto.internal.v1.StreamResultsRequest;
import io.dromaius.proto.internal.v1.StreamResultsResponse;
import io.dromaius.wire.TensorFrame;
import io.dromaius.wire.WireMethods;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Optional;

/** The stream of results from a pipeline's last shard. */
final class ResultsStream implements StreamObserver<TensorFrame<StreamResultsResponse>>, AutoCloseable {
    /** Takes results, in order, on the stream's thread; must not block. */
    interface Sink {
        void onResult(StepResult result, List<StageTiming> timings);
    }

    private final Incarnation incarnation;
    private final String member;
    private final Sink sink;
    private final LossListener losses;
    private final Context.CancellableContext context = Context.ROOT.withCancellation();

    /**
     * A stream that is not open yet.
     *
     * @param member the last shard
     */
    ResultsStream(Incarnation incarnation, String member, Sink sink, LossListener losses) {
        this.incarnation = incarnation;
        this.member = member;
        this.sink = sink;
        this.losses = losses;
    }

    void open(Channel channel) {
        StreamResultsRequest request = StreamResultsRequest.newBuilder()
                .setPipeline(incarnation.pipeline())
                .setEpoch(incarnation.epoch())
                .setOwner(incarnation.owner())
                .build();
        context.run(() -> WireMethods.streamResults(channel, CallOptions.DEFAULT, request, this));
    }

    @Override
    public void onNext(TensorFrame<StreamResultsResponse> frame) {
        try (frame) {
            StreamResultsResponse header = frame.header();
            Incarnation sender = new Incarnation(header.getPipeline(), header.getEpoch(), header.getOwner());
            if (!sender.equals(incarnation)) {
                losses.onLost("shard " + member + " sent a result of " + sender, Optional.empty());
                return;
            }
            sink.onResult(StepResults.of(frame), header.getTimingsList());
        }
    }

    @Override
    public void onError(Throwable cause) {
        losses.onLost(
                "the stream of results from shard " + member + " broke: " + Blame.words(cause),
                Blame.of(cause, member));
    }

    @Override
    public void onCompleted() {
        losses.onLost("shard " + member + " ended the stream of results", Optional.empty());
    }

    @Override
    public void close() {
        context.cancel(null);
    }
}
