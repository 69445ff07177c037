package io.dromaius.shard;

import io.dromaius.proto.internal.v1.ExecuteRequest;
import io.dromaius.proto.internal.v1.ExecuteResponse;
import io.dromaius.wire.TensorFrame;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The receiving end of one stream of steps. It belongs to the epoch that its first frame names.
 *
 * <p>Its answers are also the sign of life that the sender waits for: the last acknowledged step is repeated at a fixed
 * pace by a thread that never computes.
 */
final class ExecuteStream implements StreamObserver<TensorFrame<ExecuteRequest>> {
    /** One frame computes while the next is received and decoded. */
    private static final int FRAMES_AHEAD = 2;

    private final StageHost host;
    private final ResponseStream<ExecuteResponse> responses;
    private final ScheduledFuture<?> signs;
    private volatile long acknowledged;
    private volatile @Nullable StageSession session;

    ExecuteStream(
            StageHost host,
            ServerCallStreamObserver<ExecuteResponse> call,
            ScheduledExecutorService timer,
            Duration signOfLife) {
        this.host = host;
        this.responses = new ResponseStream<>(call, this::cancelled);
        call.disableAutoRequest();
        call.request(FRAMES_AHEAD);
        this.signs = timer.scheduleAtFixedRate(this::giveSign, 0, signOfLife.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void giveSign() {
        if (responses.ended()) {
            signs.cancel(false);
        } else {
            responses.sendIfReady(
                    ExecuteResponse.newBuilder().setStep(acknowledged).build());
        }
    }

    /** Takes the frame over. */
    @Override
    public void onNext(TensorFrame<ExecuteRequest> frame) {
        StageSession target = session;
        try {
            if (target == null) {
                target = host.attach(this, frame.header());
                session = target;
            }
        } catch (StatusRuntimeException refusal) {
            frame.close();
            fail(refusal);
            return;
        }
        target.submit(frame, this);
    }

    @Override
    public void onError(Throwable failure) {
        // The call is cancelled, of which its cancel handler has been told.
    }

    @Override
    public void onCompleted() {
        StageSession target = session;
        if (target == null) {
            complete();
        } else {
            target.submitEnd(this);
        }
    }

    private void cancelled() {
        signs.cancel(false);
        StageSession target = session;
        if (target != null) {
            target.abandoned();
        }
    }

    /** Says that a step is computed and handed on. */
    void acknowledge(long step) {
        acknowledged = step;
        responses.send(ExecuteResponse.newBuilder().setStep(step).build());
    }

    void requestNext() {
        responses.requestNext();
    }

    void complete() {
        signs.cancel(false);
        responses.complete();
    }

    void fail(StatusRuntimeException failure) {
        signs.cancel(false);
        responses.fail(failure);
    }
}
