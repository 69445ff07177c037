package io.dromaius.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.sun.management.ThreadMXBean;
import io.dromaius.proto.internal.v1.DecoderServiceGrpc;
import io.dromaius.proto.internal.v1.DrawDone;
import io.dromaius.proto.internal.v1.DrawRequest;
import io.dromaius.proto.internal.v1.DrawResponse;
import io.dromaius.proto.internal.v1.EncodeRequest;
import io.dromaius.proto.internal.v1.EncodeResponse;
import io.dromaius.proto.internal.v1.EncoderServiceGrpc;
import io.dromaius.proto.internal.v1.ExecuteRequest;
import io.dromaius.proto.internal.v1.ExecuteResponse;
import io.dromaius.proto.internal.v1.LoadShardRequest;
import io.dromaius.proto.internal.v1.LoadShardResponse;
import io.dromaius.proto.internal.v1.ShardServiceGrpc;
import io.dromaius.proto.internal.v1.StreamResultsRequest;
import io.dromaius.proto.internal.v1.StreamResultsResponse;
import io.grpc.CallOptions;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Frames over real sockets. Each test leaves no buffer of the shared pool behind. */
class WireMethodsTest {
    private static final int WINDOW = 8 << 20;
    private static final long PATIENCE_SECONDS = 20;

    private final TensorBuffers buffers = TensorBuffers.shared();
    private final BlockingQueue<String> serverEvents = new ArrayBlockingQueue<>(10_000);
    /** Every callback of both sides runs here, so that its end is the end of them all. */
    private final ExecutorService callbacks = Executors.newCachedThreadPool();

    private Server server;
    private ManagedChannel channel;

    @BeforeEach
    void start() throws Exception {
        server = NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
                .executor(callbacks)
                .addService(new Shard())
                .addService((TensorEncoderService) WireMethodsTest::reverse)
                .addService((TensorDecoderService) WireMethodsTest::count)
                .maxInboundMessageSize(64 << 20)
                .flowControlWindow(WINDOW)
                .build()
                .start();
        channel = channelTo(server.getPort());
    }

    @AfterEach
    void stopAndFindEveryBufferGivenBack() throws Exception {
        channel.shutdownNow();
        server.shutdownNow();
        assertThat(channel.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(server.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        // A service may close its request after the caller has its answer.
        callbacks.shutdown();
        assertThat(callbacks.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS))
                .isTrue();
        assertThat(buffers.leased()).isZero();
    }

    @Test
    void theGeneratedStubsUnderstandTheReboundServices() {
        EncodeResponse encoded = EncoderServiceGrpc.newBlockingStub(channel)
                .encode(EncodeRequest.newBuilder()
                        .setRequestId("r")
                        .setData(ByteString.copyFromUtf8("abc"))
                        .build());
        assertThat(encoded.getPayload().toStringUtf8()).isEqualTo("cba");
        assertThat(encoded.getBatch()).isEqualTo(1);

        assertThat(new Shard().bindService().getServiceDescriptor().getSchemaDescriptor())
                .as("what reflection shows")
                .isEqualTo(ShardServiceGrpc.getServiceDescriptor().getSchemaDescriptor());

        DrawResponse drawn = DecoderServiceGrpc.newBlockingStub(channel)
                .draw(DrawRequest.newBuilder()
                        .setPayload(ByteString.copyFrom(new byte[77]))
                        .build())
                .next();
        assertThat(drawn.getDone().getDrawNanos()).isEqualTo(77);
    }

    @Test
    void stepsAndResultsTravelBothWays() throws Exception {
        RandomFrames random = new RandomFrames(5);
        Steps steps = new Steps();
        StreamObserver<TensorFrame<ExecuteRequest>> requests = WireMethods.execute(channel, CallOptions.DEFAULT, steps);
        for (int i = 0; i < 50; i++) {
            ExecuteRequest message = random.message();
            requests.onNext(RandomFrames.frame(message, buffers));
            assertThat(next(steps.events)).isEqualTo("ack " + message.getStep());
            assertThat(next(serverEvents))
                    .isEqualTo("payload " + message.getPayload().hashCode());
        }
        requests.onCompleted();
        assertThat(next(steps.events)).isEqualTo("completed");
    }

    /** All threads' allocations, so it counts grpc's and Netty's too. */
    @Test
    void aFrameCostsLessThanATenthOfItsPayloadInHeap() throws Exception {
        int payload = 256 * 5120 * Short.BYTES;
        Steps steps = new Steps();
        StreamObserver<TensorFrame<ExecuteRequest>> requests = WireMethods.execute(channel, CallOptions.DEFAULT, steps);
        exchange(requests, steps, payload, 30);
        long before = allocatedBytes();
        int frames = 30;
        exchange(requests, steps, payload, frames);
        double share = (allocatedBytes() - before) / (double) frames / payload;
        requests.onCompleted();
        assertThat(next(steps.events)).isEqualTo("completed");
        System.out.printf("heap allocated for a frame, as a share of its payload: %.4f%n", share);
        assertThat(share).isBetween(0.0, 0.1);
    }

    @Test
    void aCallThatIsCancelledBeforeItIsConnectedClosesItsFrames() throws Exception {
        // Nobody accepts: the port was ours, and is closed.
        Server gone = NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
                .build()
                .start();
        int port = gone.getPort();
        gone.shutdownNow().awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS);
        ManagedChannel nowhere = channelTo(port);
        Steps steps = new Steps();
        WireMethods.execute(nowhere, CallOptions.DEFAULT.withWaitForReady(), steps);
        for (int i = 0; i < 5; i++) {
            steps.requests().onNext(frame(1000));
        }
        assertThat(buffers.leased()).isEqualTo(5);
        steps.requests().cancel("enough", null);
        assertThat(next(steps.events)).isEqualTo("CANCELLED");
        assertThat(buffers.leased()).isZero();
        nowhere.shutdownNow();
        assertThat(nowhere.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aCallThatIsCancelledMidwayClosesItsFramesAndLaterOnes() throws Exception {
        Steps steps = new Steps();
        WireMethods.execute(channel, CallOptions.DEFAULT, steps);
        steps.requests().onNext(frame(1000));
        assertThat(next(steps.events)).isEqualTo("ack 0");
        for (int i = 0; i < 20; i++) {
            steps.requests().onNext(frame(1 << 20));
        }
        steps.requests().cancel("enough", null);
        TensorFrame<ExecuteRequest> late = frame(1000);
        assertThatThrownBy(() -> steps.requests().onNext(late)).isInstanceOf(IllegalStateException.class);
        assertThat(late.isClosed()).isTrue();
        for (String event = next(serverEvents); !event.equals("cancelled"); event = next(serverEvents)) {
            assertThat(event).startsWith("payload");
        }
    }

    @Test
    void aServerWhoseClientLeavesClosesItsFrames() throws Exception {
        CountDownLatch first = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        Context.CancellableContext client = Context.current().withCancellation();
        client.run(() -> WireMethods.streamResults(
                channel, CallOptions.DEFAULT, StreamResultsRequest.getDefaultInstance(), new StreamObserver<>() {
                    @Override
                    public void onNext(TensorFrame<StreamResultsResponse> frame) {
                        frame.close();
                        first.countDown();
                        client.cancel(null);
                    }

                    @Override
                    public void onError(Throwable t) {
                        ended.countDown();
                    }

                    @Override
                    public void onCompleted() {
                        ended.countDown();
                    }
                }));
        assertThat(first.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(ended.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(next(serverEvents)).isEqualTo("left");
    }

    @Test
    void hostileBytesEndTheCallWithACleanStatus() {
        byte[][] hostile = {
            {(byte) 0x7a, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0x07, 1, 2},
            {
                (byte) 0x7a,
                (byte) 0xff,
                (byte) 0xff,
                (byte) 0xff,
                (byte) 0xff,
                (byte) 0xff,
                (byte) 0xff,
                (byte) 0xff,
                (byte) 0xff,
                (byte) 0xff,
                0x01
            },
            {(byte) 0x7a, 5, 1, 2},
            {(byte) 0x7a},
            {0x0f},
        };
        MethodDescriptor<byte[], DrawResponse> raw = DecoderServiceGrpc.getDrawMethod().toBuilder(
                        new RawMarshaller(), DecoderServiceGrpc.getDrawMethod().getResponseMarshaller())
                .build();
        for (byte[] bytes : hostile) {
            assertThatThrownBy(() -> ClientCalls.blockingServerStreamingCall(channel, raw, CallOptions.DEFAULT, bytes)
                            .hasNext())
                    .as(Arrays.toString(bytes))
                    .isInstanceOfSatisfying(
                            StatusRuntimeException.class,
                            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT));
        }
    }

    @Test
    void aDamagedFrameAfterSoundOnesTellsTheServiceThatItsCallerHasGone() throws Exception {
        MethodDescriptor<byte[], ExecuteResponse> raw = ShardServiceGrpc.getExecuteMethod().toBuilder(
                        new RawMarshaller(), ShardServiceGrpc.getExecuteMethod().getResponseMarshaller())
                .build();
        Acknowledgements answers = new Acknowledgements();
        StreamObserver<byte[]> steps =
                ClientCalls.asyncBidiStreamingCall(channel.newCall(raw, CallOptions.DEFAULT), answers);
        steps.onNext(ExecuteRequest.newBuilder().setStep(7).build().toByteArray());
        assertThat(next(answers.events)).isEqualTo("ack 7");
        assertThat(next(serverEvents)).startsWith("payload");
        steps.onNext(new byte[] {(byte) 0x7a, 5, 1, 2});
        assertThat(next(answers.events)).isEqualTo("INVALID_ARGUMENT");
        assertThat(next(serverEvents)).isEqualTo("cancelled");
    }

    private TensorFrame<ExecuteRequest> frame(int payload) {
        return TensorFrame.of(ExecuteRequest.getDefaultInstance(), buffers.lend(payload));
    }

    private void exchange(StreamObserver<TensorFrame<ExecuteRequest>> requests, Steps steps, int payload, int frames)
            throws InterruptedException {
        for (int i = 0; i < frames; i++) {
            requests.onNext(frame(payload));
            assertThat(next(steps.events)).isEqualTo("ack 0");
        }
        serverEvents.clear();
    }

    private static long allocatedBytes() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        return Arrays.stream(threads.getThreadAllocatedBytes(threads.getAllThreadIds()))
                .filter(bytes -> bytes > 0)
                .sum();
    }

    private static String next(BlockingQueue<String> events) throws InterruptedException {
        String event = events.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        return event == null ? "nothing came" : event;
    }

    private ManagedChannel channelTo(int port) {
        return NettyChannelBuilder.forAddress("127.0.0.1", port)
                .executor(callbacks)
                .usePlaintext()
                .disableRetry()
                .maxInboundMessageSize(64 << 20)
                .flowControlWindow(WINDOW)
                .build();
    }

    private static void reverse(
            TensorFrame<EncodeRequest> request, StreamObserver<TensorFrame<EncodeResponse>> response) {
        try (request) {
            ByteBuffer data = request.payload();
            TensorBuffer reversed = TensorBuffers.shared().lend(data.remaining());
            ByteBuffer target = reversed.bytes();
            for (int i = data.limit() - 1; i >= 0; i--) {
                target.put(data.get(i));
            }
            response.onNext(
                    TensorFrame.of(EncodeResponse.newBuilder().setBatch(1).build(), reversed));
            response.onCompleted();
        }
    }

    private static void count(TensorFrame<DrawRequest> request, StreamObserver<DrawResponse> events) {
        try (request) {
            events.onNext(DrawResponse.newBuilder()
                    .setDone(DrawDone.newBuilder().setDrawNanos(request.payloadBytes()))
                    .build());
            events.onCompleted();
        }
    }

    /** Acknowledges each step; sends results until its client leaves. */
    private final class Shard implements TensorShardService {
        @Override
        public void loadShard(LoadShardRequest request, StreamObserver<LoadShardResponse> response) {
            response.onError(Status.UNIMPLEMENTED.asRuntimeException());
        }

        @Override
        public StreamObserver<TensorFrame<ExecuteRequest>> execute(StreamObserver<ExecuteResponse> responses) {
            ((ServerCallStreamObserver<ExecuteResponse>) responses)
                    .setOnCancelHandler(() -> serverEvents.add("cancelled"));
            return new StreamObserver<>() {
                @Override
                public void onNext(TensorFrame<ExecuteRequest> frame) {
                    try (frame) {
                        // Above a megabyte only the transport is looked at.
                        serverEvents.add(
                                frame.payloadBytes() > 1 << 20
                                        ? "payload"
                                        : "payload "
                                                + ByteString.copyFrom(frame.payload())
                                                        .hashCode());
                        responses.onNext(ExecuteResponse.newBuilder()
                                .setStep(frame.header().getStep())
                                .build());
                    }
                }

                @Override
                public void onError(Throwable t) {}

                @Override
                public void onCompleted() {
                    responses.onCompleted();
                }
            };
        }

        @Override
        public void streamResults(
                StreamResultsRequest request, StreamObserver<TensorFrame<StreamResultsResponse>> responses) {
            ServerCallStreamObserver<TensorFrame<StreamResultsResponse>> call =
                    (ServerCallStreamObserver<TensorFrame<StreamResultsResponse>>) responses;
            call.setOnCancelHandler(() -> serverEvents.add("left"));
            call.setOnReadyHandler(() -> {
                while (call.isReady()) {
                    call.onNext(TensorFrame.of(StreamResultsResponse.getDefaultInstance(), buffers.lend(100_000)));
                }
            });
        }
    }

    private static class Acknowledgements implements StreamObserver<ExecuteResponse> {
        final BlockingQueue<String> events = new ArrayBlockingQueue<>(1_000);

        @Override
        public void onNext(ExecuteResponse response) {
            events.add("ack " + response.getStep());
        }

        @Override
        public void onError(Throwable t) {
            events.add(Status.fromThrowable(t).getCode().name());
        }

        @Override
        public void onCompleted() {
            events.add("completed");
        }
    }

    private static final class Steps extends Acknowledgements
            implements ClientResponseObserver<TensorFrame<ExecuteRequest>, ExecuteResponse> {
        private final CompletableFuture<ClientCallStreamObserver<TensorFrame<ExecuteRequest>>> requests =
                new CompletableFuture<>();

        ClientCallStreamObserver<TensorFrame<ExecuteRequest>> requests() {
            return requests.join();
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<TensorFrame<ExecuteRequest>> requestStream) {
            requests.complete(requestStream);
        }
    }
}
