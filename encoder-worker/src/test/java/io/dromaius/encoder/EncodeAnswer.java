package io.dromaius.encoder;

import io.dromaius.proto.internal.v1.DType;
import io.dromaius.proto.internal.v1.EncodeRequest;
import io.dromaius.proto.internal.v1.EncodeResponse;
import io.dromaius.wire.TensorFrame;
import io.dromaius.wire.WireMethods;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.stub.StreamObserver;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** An answer with its payload as numbers. */
record EncodeAnswer(EncodeResponse header, Payload payload) {

    /** Embeddings in request order. */
    static final class Payload {
        private final float[] values;

        private Payload(float[] values) {
            this.values = values;
        }

        float[] values() {
            return values.clone();
        }
    }

    static EncodeRequest picture() {
        return EncodeRequest.newBuilder().setKind(EncodeRequest.Kind.KIND_IMAGE).build();
    }

    static EncodeRequest video(int frames) {
        return EncodeRequest.newBuilder()
                .setKind(EncodeRequest.Kind.KIND_VIDEO)
                .setFrames(frames)
                .build();
    }

    /** Sends a call; the future fails with its status. */
    static CompletableFuture<EncodeAnswer> send(Channel channel, EncodeRequest header, byte[] data) {
        CompletableFuture<EncodeAnswer> answer = new CompletableFuture<>();
        WireMethods.encode(
                channel,
                CallOptions.DEFAULT.withDeadlineAfter(60, TimeUnit.SECONDS),
                TensorFrame.of(header, ByteBuffer.wrap(data), () -> {}),
                new StreamObserver<>() {
                    @Override
                    public void onNext(TensorFrame<EncodeResponse> frame) {
                        try (frame) {
                            answer.complete(new EncodeAnswer(frame.header(), new Payload(numbers(frame))));
                        }
                    }

                    @Override
                    public void onError(Throwable failure) {
                        answer.completeExceptionally(failure);
                    }

                    @Override
                    public void onCompleted() {}
                });
        return answer;
    }

    private static float[] numbers(TensorFrame<EncodeResponse> frame) {
        ByteBuffer payload = frame.payload();
        boolean wide = frame.header().getDtype() == DType.D_TYPE_FP32;
        float[] values = new float[payload.remaining() / (wide ? 4 : 2)];
        for (int i = 0; i < values.length; i++) {
            values[i] = wide ? payload.getFloat() : Float.intBitsToFloat(payload.getShort() << 16);
        }
        return values;
    }
}
