package io.dromaius.shard;

import com.google.common.base.Ticker;
import io.dromaius.node.rpc.FailureCode;
import io.dromaius.node.rpc.Failures;
import io.dromaius.proto.internal.v1.ExecuteRequest;
import io.dromaius.proto.internal.v1.StageTiming;
import io.dromaius.proto.internal.v1.StreamResultsResponse;
import io.dromaius.wire.TensorFrame;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One stage at work in one epoch: the tables of its sequences, the stream its steps come from and the outlet they leave by.
 * It fails as a whole and for good, because after a lost step nothing that follows could be right; the owner then loads
 * anew.
 */
final class StageSession {
    private static final Logger log = LoggerFactory.getLogger(StageSession.class);

    /** What sessions share. */
    record Settings(
            String member, StepExecutor executor, Ticker ticker, ShardMetrics metrics, DownstreamLink.Settings links) {}

    private final PipelineEpoch epoch;
    private final Stage stage;
    private final Settings settings;
    private final Outlet outlet;
    /** Belongs to the compute thread. */
    private final StepReader reader;

    private @Nullable ExecuteStream stream;
    private volatile @Nullable StatusRuntimeException failure;

    StageSession(StageOrder order, Stage stage, Settings settings) {
        this.epoch = order.epoch();
        this.stage = stage;
        this.settings = settings;
        this.reader = new StepReader(stage.spec());
        this.outlet = order.next()
                .<Outlet>map(next -> new DownstreamLink(next, settings.links(), this::fail))
                .orElseGet(() -> new ResultsPublisher(epoch, this::fail));
    }

    /**
     * Takes the epoch's one stream of steps.
     *
     * @throws StatusRuntimeException if there is one already or the session has failed
     */
    synchronized void attach(ExecuteStream steps) {
        StatusRuntimeException over = failure;
        if (over != null) {
            throw over;
        }
        if (stream != null) {
            throw protocol("the steps of " + epoch + " come in on another stream");
        }
        stream = steps;
    }

    /** Serves the owner's stream of results. */
    void subscribe(ServerCallStreamObserver<TensorFrame<StreamResultsResponse>> results) {
        if (!(outlet instanceof ResultsPublisher publisher)) {
            throw protocol("this is not the last shard of " + epoch);
        }
        publisher.subscribe(results);
    }

    /** Queues a frame of the session's stream and takes it over. */
    void submit(TensorFrame<ExecuteRequest> frame, ExecuteStream source) {
        long received = settings.ticker().read();
        try {
            settings.executor().execute(() -> run(frame, source, received));
        } catch (StatusRuntimeException e) {
            frame.close();
            fail(e);
        }
    }

    /** Ends the stream after the frames queued so far. */
    void submitEnd(ExecuteStream source) {
        settings.executor().execute(() -> {
            if (failure == null) {
                outlet.complete();
                end(protocol("the steps of " + epoch + " have ended"));
                source.complete();
            }
        });
    }

    private void run(TensorFrame<ExecuteRequest> frame, ExecuteStream source, long received) {
        try (frame) {
            if (failure == null) {
                step(frame, source, received);
            }
        } catch (InvalidFrameException e) {
            fail(protocol(e.getMessage()));
        } catch (StatusRuntimeException e) {
            fail(e);
        } catch (RuntimeException e) {
            log.error("step {} of {} failed", frame.header().getStep(), epoch, e);
            fail(Failures.of(FailureCode.INTERNAL, "shard " + settings.member() + " could not compute a step")
                    .info("shard", settings.member())
                    .build());
        }
    }

    private void step(TensorFrame<ExecuteRequest> frame, ExecuteStream source, long received) {
        ExecuteRequest header = frame.header();
        if (!epoch.matches(header.getPipeline(), header.getEpoch(), header.getOwner())) {
            throw new InvalidFrameException("a frame of another epoch on the stream of " + epoch);
        }
        long begun = settings.ticker().read();
        Step step = reader.read(header, frame.payloadBytes());
        StageOutput output = stage.execute(step, frame.payload());
        long computed = settings.ticker().read();
        StageTiming timing = StageTiming.newBuilder()
                .setMember(settings.member())
                .setComputeNanos(computed - begun)
                .setWaitNanos(begun - received)
                .build();
        report(reader.blocksInUse());
        settings.metrics().packed(stage.packedBytes());
        int sent = output.payload().remaining();
        outlet.handOn(header, output, timing, reader.blocksInUse());
        source.acknowledge(header.getStep());
        outlet.whenReady(source::requestNext);
        settings.metrics().step(step, timing, frame.payloadBytes(), sent);
    }

    private synchronized void report(int blocksInUse) {
        if (failure == null) {
            settings.metrics().blocksInUse(blocksInUse);
        }
    }

    /** The sender of the steps has gone; whether it died or was itself cut off cannot be known here. */
    void abandoned() {
        fail(Failures.of(FailureCode.PEER_LOST, "the steps of " + epoch + " come in no more")
                .build());
    }

    /** Ends the session: its stream, its outlet, and the frames still queued. Any thread; the first reason counts. */
    void fail(StatusRuntimeException reason) {
        if (end(reason)) {
            outlet.close(reason);
            ExecuteStream steps = stream();
            if (steps != null) {
                steps.fail(reason);
            }
        }
    }

    private synchronized boolean end(StatusRuntimeException reason) {
        boolean first = failure == null;
        if (first) {
            failure = reason;
            settings.metrics().blocksInUse(0);
        }
        return first;
    }

    private synchronized @Nullable ExecuteStream stream() {
        return stream;
    }

    private StatusRuntimeException protocol(@Nullable String message) {
        return Failures.of(FailureCode.PROTOCOL, String.valueOf(message))
                .info("shard", settings.member())
                .build();
    }
}
