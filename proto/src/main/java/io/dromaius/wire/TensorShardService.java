package io.dromaius.wire;

import static io.grpc.stub.ServerCalls.asyncBidiStreamingCall;
import static io.grpc.stub.ServerCalls.asyncServerStreamingCall;
import static io.grpc.stub.ServerCalls.asyncUnaryCall;

import io.dromaius.proto.internal.v1.ExecuteRequest;
import io.dromaius.proto.internal.v1.ExecuteResponse;
import io.dromaius.proto.internal.v1.LoadShardRequest;
import io.dromaius.proto.internal.v1.LoadShardResponse;
import io.dromaius.proto.internal.v1.ShardServiceGrpc;
import io.dromaius.proto.internal.v1.StreamResultsRequest;
import io.dromaius.proto.internal.v1.StreamResultsResponse;
import io.grpc.BindableService;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.StreamObserver;

/**
 * {@code ShardService} over frames. Response observers are {@link io.grpc.stub.ServerCallStreamObserver}s; received
 * frames are the service's to close.
 */
public interface TensorShardService extends BindableService {
    void loadShard(LoadShardRequest request, StreamObserver<LoadShardResponse> response);

    StreamObserver<TensorFrame<ExecuteRequest>> execute(StreamObserver<ExecuteResponse> responses);

    void streamResults(StreamResultsRequest request, StreamObserver<TensorFrame<StreamResultsResponse>> responses);

    @Override
    default ServerServiceDefinition bindService() {
        return FrameServices.define(
                ShardServiceGrpc.getServiceDescriptor(),
                FrameServices.method(ShardServiceGrpc.getLoadShardMethod(), asyncUnaryCall(this::loadShard)),
                FrameServices.method(WireMethods.EXECUTE, asyncBidiStreamingCall(this::execute)),
                FrameServices.method(WireMethods.STREAM_RESULTS, asyncServerStreamingCall(this::streamResults)));
    }
}
