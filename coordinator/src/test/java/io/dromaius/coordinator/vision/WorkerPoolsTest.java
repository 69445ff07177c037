package io.dromaius.coordinator.vision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.ByteString;
import io.dromaius.node.rpc.FailureCode;
import io.dromaius.node.rpc.Failures;
import io.dromaius.proto.internal.v1.DType;
import io.dromaius.proto.internal.v1.DrawDone;
import io.dromaius.proto.internal.v1.DrawProgress;
import io.dromaius.proto.internal.v1.DrawRequest;
import io.dromaius.proto.internal.v1.DrawResponse;
import io.dromaius.proto.internal.v1.EncodeRequest;
import io.dromaius.proto.internal.v1.EncodeResponse;
import io.dromaius.proto.internal.v1.Member;
import io.dromaius.wire.TensorDecoderService;
import io.dromaius.wire.TensorEncoderService;
import io.dromaius.wire.TensorFrame;
import io.grpc.BindableService;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class WorkerPoolsTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final Media CAT = Media.image(ByteString.copyFromUtf8("cat"));

    private final List<Server> servers = new ArrayList<>();
    private final List<Member> members = new ArrayList<>();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final WorkerPool workers = new WorkerPool(WorkerPoolsTest::dial, timer);
    private final EncoderPool encoders = new EncoderPool(workers, TIMEOUT);
    private final DecoderPool decoders = new DecoderPool(workers, TIMEOUT);

    @AfterEach
    void stop() {
        workers.close();
        timer.shutdownNow();
        servers.forEach(Server::shutdownNow);
    }

    @Test
    void workGoesToTheLeastLoaded() {
        workers.update(List.of(member("a"), member("b"), member("c")));

        WorkerPool.Lease first = workers.lease(Set.of()).orElseThrow();
        WorkerPool.Lease second = workers.lease(Set.of()).orElseThrow();
        WorkerPool.Lease third = workers.lease(Set.of()).orElseThrow();
        assertThat(List.of(first.member(), second.member(), third.member())).containsExactlyInAnyOrder("a", "b", "c");

        second.close();
        assertThat(workers.lease(Set.of()).orElseThrow().member()).isEqualTo(second.member());
        workers.update(List.of(member("a")));
        assertThat(workers.size()).isEqualTo(1);
        assertThat(workers.lease(Set.of("a"))).isEmpty();
    }

    @Test
    void anEncodeIsTakenOverByAnotherWorker() throws Exception {
        serve("gone", encoder(frame -> {
            throw Status.UNAVAILABLE.asRuntimeException();
        }));
        serve("well", encoder(frame -> vectors(2)));

        for (int i = 0; i < 4; i++) {
            VisualEmbeddings embeddings =
                    encoders.encode(CAT, DType.D_TYPE_FP32, "r").get(20, TimeUnit.SECONDS);
            assertThat(embeddings.pictures()).isEqualTo(1);
            assertThat(embeddings.data().getFloat(0)).isEqualTo(2f);
        }
    }

    @Test
    void anEncodeIsTakenFromAWorkerThatStandsStill() throws Exception {
        TensorEncoderService never = (frame, response) -> frame.close();
        serve("still", never, new NoAnswers());
        ListenableFuture<VisualEmbeddings> first = encoders.encode(CAT, DType.D_TYPE_FP32, "r");
        serve("well", encoder(frame -> vectors(2)));

        assertThat(first.get(20, TimeUnit.SECONDS).data().getFloat(0)).isEqualTo(2f);
        for (int i = 0; i < 4; i++) {
            assertThat(workers.lease(Set.of()).orElseThrow().member()).isEqualTo("well");
        }
    }

    @Test
    void whenAllStandStillThereIsNoCapacity() {
        serve("still", (TensorEncoderService) (frame, response) -> frame.close(), new NoAnswers());
        ListenableFuture<VisualEmbeddings> encoded = encoders.encode(CAT, DType.D_TYPE_FP32, "r");

        assertThatThrownBy(() -> encoded.get(20, TimeUnit.SECONDS))
                .cause()
                .satisfies(failure -> assertThat(Failures.codeOf(failure)).contains(FailureCode.NO_CAPACITY));
        assertThat(workers.size()).isEqualTo(1);
        assertThat(workers.available()).isFalse();
    }

    @Test
    void aBadPictureIsNotTriedAgain() {
        List<String> calls = new ArrayList<>();
        for (String name : List.of("a", "b")) {
            serve(name, encoder(frame -> {
                calls.add(name);
                throw Failures.badField("data", "is no picture");
            }));
        }
        ListenableFuture<VisualEmbeddings> encoded = encoders.encode(CAT, DType.D_TYPE_FP32, "r");

        assertThatThrownBy(() -> encoded.get(20, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .satisfies(failure ->
                        assertThat(Status.fromThrowable(failure).getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT));
        assertThat(calls).hasSize(1);
    }

    @Test
    void withoutWorkersThereIsNoCapacity() {
        ListenableFuture<VisualEmbeddings> encoded = encoders.encode(CAT, DType.D_TYPE_FP32, "r");

        assertThatThrownBy(() -> encoded.get(20, TimeUnit.SECONDS))
                .cause()
                .satisfies(failure -> assertThat(Failures.codeOf(failure)).contains(FailureCode.NO_CAPACITY));
    }

    @Test
    void anEncodeOutlivesTheDeadlineOfTheCallThatBeganIt() throws Exception {
        CountDownLatch cancelled = new CountDownLatch(1);
        serve("slow", encoder(frame -> {
            awaitQuietly(cancelled);
            return vectors(1);
        }));
        Context.CancellableContext call = Context.current().withCancellation();
        ListenableFuture<VisualEmbeddings> encoded = call.call(() -> encoders.encode(CAT, DType.D_TYPE_FP32, "r"));
        call.cancel(null);
        cancelled.countDown();

        assertThat(encoded.get(20, TimeUnit.SECONDS).pictures()).isEqualTo(1);
    }

    @Test
    void aPictureIsBegunAgainElsewhereAndItsStepsAreToldOnce() throws Exception {
        serve("dies", decoder(2, false));
        serve("well", decoder(4, true));
        Told told = new Told();
        for (int i = 0; i < 2; i++) { // whichever is first, the other one has its turn
            decoders.draw(DrawRequest.getDefaultInstance(), ByteBuffer.allocate(4), told);
            assertThat(told.next()).isEqualTo("1");
            assertThat(told.next()).isEqualTo("2");
            assertThat(told.next()).isEqualTo("3");
            assertThat(told.next()).isEqualTo("4");
            assertThat(told.next()).isEqualTo("done");
        }
    }

    @Test
    void aPictureFailsWhenNoWorkerIsLeft() throws Exception {
        serve("dies", decoder(1, false));
        Told told = new Told();
        decoders.draw(DrawRequest.getDefaultInstance(), ByteBuffer.allocate(4), told);

        assertThat(told.next()).isEqualTo("1");
        assertThat(told.next()).isEqualTo("UNAVAILABLE");
    }

    /** What a drawing told, in order. */
    private static final class Told implements Drawing {
        private final BlockingQueue<String> events = new LinkedBlockingQueue<>();

        @Nullable
        String next() throws InterruptedException {
            return events.poll(20, TimeUnit.SECONDS);
        }

        @Override
        public void onProgress(DrawProgress progress) {
            events.add(Integer.toString(progress.getStep()));
        }

        @Override
        public void onPreview(int step, ByteString png) {
            events.add("preview " + step);
        }

        @Override
        public void onDone(DrawDone done) {
            events.add("done");
        }

        @Override
        public void onFailed(Throwable cause) {
            events.add(Status.fromThrowable(cause).getCode().name());
        }
    }

    /** The health of a process that stands still. */
    private static final class NoAnswers extends HealthGrpc.HealthImplBase {
        @Override
        public void check(HealthCheckRequest request, StreamObserver<HealthCheckResponse> response) {}
    }

    private interface Encode {
        TensorFrame<EncodeResponse> answer(TensorFrame<EncodeRequest> frame);
    }

    private static TensorEncoderService encoder(Encode encode) {
        return (TensorFrame<EncodeRequest> frame, StreamObserver<TensorFrame<EncodeResponse>> response) -> {
            try (frame) {
                response.onNext(encode.answer(frame));
                response.onCompleted();
            } catch (RuntimeException e) {
                response.onError(e);
            }
        };
    }

    private static TensorDecoderService decoder(int steps, boolean finishes) {
        return (TensorFrame<DrawRequest> frame, StreamObserver<DrawResponse> response) -> {
            frame.close();
            for (int step = 1; step <= steps; step++) {
                response.onNext(DrawResponse.newBuilder()
                        .setProgress(DrawProgress.newBuilder().setStep(step))
                        .build());
            }
            if (finishes) {
                response.onNext(DrawResponse.newBuilder()
                        .setDone(DrawDone.getDefaultInstance())
                        .build());
                response.onCompleted();
            } else {
                response.onError(Status.UNAVAILABLE.asRuntimeException());
            }
        };
    }

    private static TensorFrame<EncodeResponse> vectors(float value) {
        ByteBuffer payload = ByteBuffer.allocateDirect(4 * 2 * Float.BYTES).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        payload.putFloat(0, value);
        EncodeResponse header = EncodeResponse.newBuilder()
                .setDtype(DType.D_TYPE_FP32)
                .addShape(1)
                .addShape(4)
                .addShape(2)
                .build();
        return TensorFrame.of(header, payload, () -> {});
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void serve(String name, BindableService... services) {
        try {
            InProcessServerBuilder server = InProcessServerBuilder.forName(name);
            List.of(services).forEach(server::addService);
            servers.add(server.build().start());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        members.add(member(name));
        workers.update(members);
    }

    private static Member member(String name) {
        return Member.newBuilder().setId(name).setEndpoint(name).build();
    }

    private static ManagedChannel dial(Member member) {
        return InProcessChannelBuilder.forName(member.getEndpoint()).build();
    }
}
