package io.dromaius.coordinator.vision;

import com.google.common.util.concurrent.AbstractFuture;
import io.dromaius.node.rpc.FailureCode;
import io.dromaius.node.rpc.Failures;
import io.dromaius.proto.internal.v1.EncodeResponse;
import io.dromaius.wire.TensorFrame;
import io.grpc.stub.StreamObserver;

/**
 * The one answer of an encode call, as a future. Its frame is the caller's who gets it; one that comes when the future
 * has been cancelled already is closed here, which grpc's own future of a call does not do.
 */
final class EncodeAnswer extends AbstractFuture<TensorFrame<EncodeResponse>>
        implements StreamObserver<TensorFrame<EncodeResponse>> {
    @Override
    public void onNext(TensorFrame<EncodeResponse> frame) {
        if (!set(frame)) {
            frame.close();
        }
    }

    @Override
    public void onError(Throwable failure) {
        setException(failure);
    }

    @Override
    public void onCompleted() {
        if (!isDone()) {
            setException(Failures.of(FailureCode.PROTOCOL, "an encoder ended its call without an answer")
                    .build());
        }
    }
}
