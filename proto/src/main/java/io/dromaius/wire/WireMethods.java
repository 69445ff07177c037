package io.dromaius.wire;

import com.google.protobuf.Message;
import io.dromaius.proto.internal.v1.DecoderServiceGrpc;
import io.dromaius.proto.internal.v1.DrawRequest;
import io.dromaius.proto.internal.v1.DrawResponse;
import io.dromaius.proto.internal.v1.EncodeRequest;
import io.dromaius.proto.internal.v1.EncodeResponse;
import io.dromaius.proto.internal.v1.EncoderServiceGrpc;
import io.dromaius.proto.internal.v1.ExecuteRequest;
import io.dromaius.proto.internal.v1.ExecuteResponse;
import io.dromaius.proto.internal.v1.ShardServiceGrpc;
import io.dromaius.proto.internal.v1.StreamResultsRequest;
import io.dromaius.proto.internal.v1.StreamResultsResponse;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptors;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;

/**
 * The methods that carry tensors, rebound to frames, and calls of them. On the wire they are what the generated stubs
 * of the same methods speak.
 *
 * <p>Frames come from the shared {@link TensorBuffers}. A call closes the frames that it was given to send, also when
 * it fails or is cancelled; frames that an observer receives are the observer's.
 */
public final class WireMethods {
    public static final MethodDescriptor<TensorFrame<ExecuteRequest>, ExecuteResponse> EXECUTE =
            ShardServiceGrpc.getExecuteMethod().toBuilder(
                            frames(ExecuteRequest.getDefaultInstance()),
                            ShardServiceGrpc.getExecuteMethod().getResponseMarshaller())
                    .build();

    public static final MethodDescriptor<StreamResultsRequest, TensorFrame<StreamResultsResponse>> STREAM_RESULTS =
            ShardServiceGrpc.getStreamResultsMethod().toBuilder(
                            ShardServiceGrpc.getStreamResultsMethod().getRequestMarshaller(),
                            frames(StreamResultsResponse.getDefaultInstance()))
                    .build();

    public static final MethodDescriptor<TensorFrame<EncodeRequest>, TensorFrame<EncodeResponse>> ENCODE =
            EncoderServiceGrpc.getEncodeMethod().toBuilder(
                            frames(EncodeRequest.getDefaultInstance()), frames(EncodeResponse.getDefaultInstance()))
                    .build();

    public static final MethodDescriptor<TensorFrame<DrawRequest>, DrawResponse> DRAW =
            DecoderServiceGrpc.getDrawMethod().toBuilder(
                            frames(DrawRequest.getDefaultInstance()),
                            DecoderServiceGrpc.getDrawMethod().getResponseMarshaller())
                    .build();

    private WireMethods() {}

    private static <M extends Message> Marshaller<TensorFrame<M>> frames(M prototype) {
        return new TensorFrameMarshaller<>(prototype, TensorBuffers.shared());
    }

    /** Opens the stream of steps to a shard. The result is for one thread at a time. */
    public static StreamObserver<TensorFrame<ExecuteRequest>> execute(
            Channel channel,
            CallOptions options,
            ClientResponseObserver<TensorFrame<ExecuteRequest>, ExecuteResponse> responses) {
        return ClientCalls.asyncBidiStreamingCall(call(channel, EXECUTE, options), responses);
    }

    /** Opens the stream of results of a pipeline's last shard. */
    public static void streamResults(
            Channel channel,
            CallOptions options,
            StreamResultsRequest request,
            StreamObserver<TensorFrame<StreamResultsResponse>> results) {
        ClientCalls.asyncServerStreamingCall(call(channel, STREAM_RESULTS, options), request, results);
    }

    /** Encodes one picture or video. */
    public static void encode(
            Channel channel,
            CallOptions options,
            TensorFrame<EncodeRequest> request,
            StreamObserver<TensorFrame<EncodeResponse>> response) {
        ClientCalls.asyncUnaryCall(call(channel, ENCODE, options), request, response);
    }

    /** Draws one picture. */
    public static void draw(
            Channel channel,
            CallOptions options,
            TensorFrame<DrawRequest> request,
            StreamObserver<DrawResponse> events) {
        ClientCalls.asyncServerStreamingCall(call(channel, DRAW, options), request, events);
    }

    /** A call of one of these methods that closes what it was given and could not send. */
    public static <Q, A> ClientCall<Q, A> call(Channel channel, MethodDescriptor<Q, A> method, CallOptions options) {
        return ClientInterceptors.intercept(channel, new FrameGuard()).newCall(method, options);
    }
}
