package io.dromaius.wire;

import static io.grpc.stub.ServerCalls.asyncUnaryCall;

import io.dromaius.proto.internal.v1.EncodeRequest;
import io.dromaius.proto.internal.v1.EncodeResponse;
import io.dromaius.proto.internal.v1.EncoderServiceGrpc;
import io.grpc.BindableService;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.StreamObserver;

/**
 * {@code EncoderService} over frames: the request's payload is its {@code data}. The response observer is an
 * {@link io.grpc.stub.ServerCallStreamObserver}; the received frame is the service's to close.
 */
public interface TensorEncoderService extends BindableService {
    void encode(TensorFrame<EncodeRequest> request, StreamObserver<TensorFrame<EncodeResponse>> response);

    @Override
    default ServerServiceDefinition bindService() {
        return FrameServices.define(
                EncoderServiceGrpc.getServiceDescriptor(),
                FrameServices.method(WireMethods.ENCODE, asyncUnaryCall(this::encode)));
    }
}
