package io.dromaius.wire;

import static io.grpc.stub.ServerCalls.asyncServerStreamingCall;

import io.dromaius.proto.internal.v1.DecoderServiceGrpc;
import io.dromaius.proto.internal.v1.DrawRequest;
import io.dromaius.proto.internal.v1.DrawResponse;
import io.grpc.BindableService;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.StreamObserver;

/**
 * {@code DecoderService} over frames. The response observer is a {@link io.grpc.stub.ServerCallStreamObserver}; the
 * received frame is the service's to close.
 */
public interface TensorDecoderService extends BindableService {
    void draw(TensorFrame<DrawRequest> request, StreamObserver<DrawResponse> events);

    @Override
    default ServerServiceDefinition bindService() {
        return FrameServices.define(
                DecoderServiceGrpc.getServiceDescriptor(),
                FrameServices.method(WireMethods.DRAW, asyncServerStreamingCall(this::draw)));
    }
}
