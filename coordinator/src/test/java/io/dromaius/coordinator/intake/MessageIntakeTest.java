package io.dromaius.coordinator.intake;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.ByteString;
import com.google.rpc.BadRequest;
import com.google.rpc.RetryInfo;
import io.dromaius.node.ConfigLoader;
import io.dromaius.node.NodeConfig;
import io.dromaius.node.rpc.FailureCode;
import io.dromaius.node.rpc.Failures;
import io.dromaius.node.rpc.GrpcServer;
import io.dromaius.node.rpc.GrpcServers;
import io.dromaius.proto.v1.GenerationServiceGrpc;
import io.dromaius.proto.v1.Image;
import io.dromaius.proto.v1.Part;
import io.dromaius.proto.v1.Prompt;
import io.dromaius.proto.v1.RankRequest;
import io.dromaius.proto.v1.RankResponse;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A users' server on the loopback, whose service answers when it is told to. */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
final class MessageIntakeTest {
    private static final NodeConfig CONFIG = ConfigLoader.load(NodeConfig.class, List.of(), Map.of());
    private static final Duration AGES = Duration.ofHours(1);
    private static final Duration SOON = Duration.ofMillis(500);
    private static final long MIB = 1 << 20;
    private static final long LARGEST = 8 * MIB;
    /** Three large messages, and 32 calls that wait. */
    private static final long BUDGET = 32 * MIB;

    /** For a unary call the client would send nothing at all before the message. */
    private static final MethodDescriptor<RankRequest, RankResponse> OPEN_ENDED =
            GenerationServiceGrpc.getRankMethod().toBuilder()
                    .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
                    .build();

    private static final RankRequest TEXT = RankRequest.newBuilder()
            .setPrompt(Prompt.newBuilder().addParts(Part.newBuilder().setText("word ".repeat(4_000))))
            .build();
    private static final RankRequest PICTURE = picture(7 * MIB);

    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final MessageBudget budget = new MessageBudget(BUDGET, LARGEST, GrpcServers.OPEN_WINDOW.bytes());
    private final AtomicInteger refused = new AtomicInteger();
    private final Held service = new Held();
    private final Calls seen = new Calls();
    /** Calls whose end no one waits for. */
    private final List<ListenableFuture<RankResponse>> abandoned = new ArrayList<>();

    private @Nullable GrpcServer server;
    private @Nullable ManagedChannel channel;

    @AfterEach
    void stop() throws Exception {
        if (channel != null && server != null) {
            channel.shutdownNow();
            server.close();
        }
        timer.shutdownNow();
    }

    @Test
    void ofManyLargeMessagesAtOnceAFewAreHeldATextGetsInAndTheOthersAreToldToComeAgain() throws Exception {
        start(Duration.ofSeconds(2), AGES);
        List<ListenableFuture<RankResponse>> calls = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            calls.add(call(PICTURE));
        }
        ServedCall first = service.next();
        service.next();
        service.next();

        assertThat(rank(TEXT)).as("while the room for large ones is taken").isNotNull();
        assertThat(first.answered).isFalse();

        service.answerAll();
        int served = 0;
        for (ListenableFuture<RankResponse> call : calls) {
            StatusRuntimeException failure = failure(call);
            if (failure == null) {
                served++;
            } else {
                assertNoRoom(failure);
            }
        }
        assertThat(served).isGreaterThanOrEqualTo(3);
        assertThat(refused).hasValue(24 - served);
        assertThat(service.mostBytes).hasValueLessThanOrEqualTo(BUDGET);
        seen.awaitEnded(25);
        assertNothingIsHeld();
    }

    @Test
    void aCallThatWaitsIsServedOnceBytesBeforeItAreNeededNoLonger() throws Exception {
        start(AGES, AGES);
        List<ListenableFuture<RankResponse>> calls = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            calls.add(call(PICTURE));
        }
        ServedCall first = service.next();
        service.next();
        service.next();

        first.release.accept(PICTURE.getSerializedSize());
        service.next();
        service.answerAll();

        for (ListenableFuture<RankResponse> call : calls) {
            assertThat(failure(call)).isNull();
        }
        seen.awaitEnded(4);
        assertNothingIsHeld();
    }

    @Test
    void whoHasWaitedMaySendWhatThereIsRoomForAndNoMore() throws Exception {
        start(SOON, AGES);
        occupy();

        assertThat(rank(picture(MIB))).isNotNull();
        assertNoRoom(failure(call(picture(4 * MIB))));

        service.answerAll();
        seen.awaitEnded(5);
        assertNothingIsHeld();
    }

    @Test
    void whoFindsNoPlaceToWaitIsToldAtOnce() throws Exception {
        start(AGES, AGES);
        for (int i = 0; i < 3 + 32; i++) {
            abandoned.add(call(PICTURE));
        }
        seen.awaitBegun(3 + 32);
        StatusRuntimeException failure = failure(call(TEXT));

        assertNoRoom(failure);
        assertThat(budget.load().bytes()).isLessThanOrEqualTo(BUDGET);
        stopClients();
        seen.awaitEnded(36);
        assertNothingIsHeld();
    }

    @Test
    void whatIsCompressedIsNotTakenForSmall() throws Exception {
        start(SOON, AGES);
        RankRequest zeros = picture(LARGEST - 100);
        service.answerAll();
        assertThat(stub().withCompression("gzip").rank(zeros).get()).isNotNull();

        service.hold();
        occupy();
        StatusRuntimeException failure = failure(stub().withCompression("gzip").rank(zeros));

        assertNoRoom(failure);
    }

    @Test
    void aClientThatSendsNothingIsGivenUp() throws Exception {
        start(AGES, SOON);
        Ended end = new Ended();
        ClientCall<RankRequest, RankResponse> silent = open(end);

        assertGivenUp(end);
        silent.cancel("it has ended", null);
    }

    @Test
    void aClientThatNeverEndsItsRequestIsGivenUp() throws Exception {
        start(AGES, SOON);
        Ended end = new Ended();
        ClientCall<RankRequest, RankResponse> half = open(end);
        half.sendMessage(PICTURE);

        assertGivenUp(end);
        assertThat(service.calls).isEmpty();
        half.cancel("it has ended", null);
    }

    @Test
    void aRequestWithoutAMessageIsTheClientsError() throws Exception {
        start(AGES, AGES);
        Ended end = new Ended();
        open(end).halfClose();

        StatusRuntimeException failure = end.failure.get(60, TimeUnit.SECONDS);
        assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(Failures.detail(failure, BadRequest.class))
                .hasValueSatisfying(
                        bad -> assertThat(bad.getFieldViolations(0).getField()).isEqualTo("request"));
        seen.awaitEnded(1);
        assertNothingIsHeld();
    }

    @Test
    void clientsThatGoLeaveNothingBehindWhereverTheirCallsAre() throws Exception {
        start(AGES, AGES);
        occupy();
        abandoned.add(call(PICTURE));
        open(new Ended());
        seen.awaitBegun(5);
        stopClients();

        seen.awaitEnded(5);
        assertNothingIsHeld();
    }

    private void assertGivenUp(Ended end) throws Exception {
        StatusRuntimeException failure = end.failure.get(60, TimeUnit.SECONDS);
        assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
        assertThat(Failures.codeOf(failure)).contains(FailureCode.DEADLINE);
        seen.awaitEnded(1);
        assertNothingIsHeld();
    }

    private void assertNothingIsHeld() {
        assertThat(budget.load()).isEqualTo(new MessageBudget.Load(0, BUDGET, 0));
    }

    private static void assertNoRoom(@Nullable StatusRuntimeException failure) {
        assertThat(failure).isNotNull();
        assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(Failures.codeOf(failure)).contains(FailureCode.QUEUE_FULL);
        assertThat(Failures.detail(failure, RetryInfo.class)).isPresent();
    }

    /** Takes all the room for large messages. */
    private void occupy() throws Exception {
        for (int i = 0; i < 3; i++) {
            abandoned.add(call(PICTURE));
            service.next();
        }
    }

    private void start(Duration patience, Duration timeout) throws Exception {
        MessageIntake intake =
                new MessageIntake(new MessageIntake.Terms(budget, patience, timeout, timer, refused::incrementAndGet));
        server = GrpcServers.open(CONFIG, 0)
                .trace(MessageMeter.factory())
                .intercept(seen)
                .add(ServerInterceptors.intercept(service, intake))
                .build();
        server.start();
        channel =
                NettyChannelBuilder.forTarget(server.endpoint()).usePlaintext().build();
    }

    private void stopClients() {
        if (channel != null) {
            channel.shutdownNow();
        }
    }

    private GenerationServiceGrpc.GenerationServiceFutureStub stub() {
        if (channel == null) {
            throw new IllegalStateException("not started");
        }
        return GenerationServiceGrpc.newFutureStub(channel).withDeadlineAfter(200, TimeUnit.SECONDS);
    }

    private ListenableFuture<RankResponse> call(RankRequest request) {
        return stub().rank(request);
    }

    private RankResponse rank(RankRequest request) throws Exception {
        ListenableFuture<RankResponse> call = call(request);
        service.next().answer();
        return call.get(200, TimeUnit.SECONDS);
    }

    private static @Nullable StatusRuntimeException failure(ListenableFuture<RankResponse> call) throws Exception {
        try {
            call.get(200, TimeUnit.SECONDS);
            return null;
        } catch (ExecutionException e) {
            return (StatusRuntimeException) e.getCause();
        }
    }

    /** A call that has sent nothing. */
    private ClientCall<RankRequest, RankResponse> open(Ended end) {
        if (channel == null) {
            throw new IllegalStateException("not started");
        }
        ClientCall<RankRequest, RankResponse> call = channel.newCall(OPEN_ENDED, CallOptions.DEFAULT);
        call.start(end, new Metadata());
        call.request(1);
        return call;
    }

    private static RankRequest picture(long bytes) {
        return RankRequest.newBuilder()
                .setPrompt(Prompt.newBuilder()
                        .addParts(Part.newBuilder()
                                .setImage(Image.newBuilder().setData(ByteString.copyFrom(new byte[(int) bytes])))))
                .build();
    }

    /** How a call ended for its client. */
    private static final class Ended extends ClientCall.Listener<RankResponse> {
        final CompletableFuture<StatusRuntimeException> failure = new CompletableFuture<>();

        @Override
        public void onClose(Status status, Metadata trailers) {
            failure.complete(status.asRuntimeException(trailers));
        }
    }

    /** Hears of calls' beginnings and ends after everybody else on the server has. */
    private static final class Calls implements ServerInterceptor {
        private final Semaphore begun = new Semaphore(0);
        private final Semaphore ended = new Semaphore(0);

        void awaitBegun(int calls) throws InterruptedException {
            assertThat(begun.tryAcquire(calls, 200, TimeUnit.SECONDS))
                    .as("%s calls begin", calls)
                    .isTrue();
        }

        void awaitEnded(int calls) throws InterruptedException {
            assertThat(ended.tryAcquire(calls, 200, TimeUnit.SECONDS))
                    .as("%s calls end", calls)
                    .isTrue();
        }

        @Override
        public <Q, A> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            ServerCall.Listener<Q> listener = next.startCall(call, headers);
            begun.release();
            return new SimpleForwardingServerCallListener<>(listener) {
                @Override
                public void onComplete() {
                    super.onComplete();
                    ended.release();
                }

                @Override
                public void onCancel() {
                    super.onCancel();
                    ended.release();
                }
            };
        }
    }

    /** Keeps its calls until they are to be answered. */
    private final class Held extends GenerationServiceGrpc.GenerationServiceImplBase {
        final BlockingQueue<ServedCall> calls = new LinkedBlockingQueue<>();
        final AtomicLong mostBytes = new AtomicLong();
        private final List<ServedCall> held = new ArrayList<>();
        private boolean answering;

        @Override
        public synchronized void rank(RankRequest request, StreamObserver<RankResponse> client) {
            mostBytes.accumulateAndGet(budget.load().bytes(), Math::max);
            ServedCall call = new ServedCall(client);
            calls.add(call);
            if (answering) {
                call.answer();
            } else {
                held.add(call);
            }
        }

        ServedCall next() throws InterruptedException {
            ServedCall call = calls.poll(200, TimeUnit.SECONDS);
            assertThat(call).as("a call is served").isNotNull();
            return call;
        }

        synchronized void answerAll() {
            answering = true;
            held.forEach(ServedCall::answer);
            held.clear();
        }

        synchronized void hold() {
            answering = false;
            calls.clear();
        }
    }

    /** A call that has reached the service. */
    private static final class ServedCall {
        final LongConsumer release = MessageIntake.release();
        final AtomicBoolean answered = new AtomicBoolean();
        private final StreamObserver<RankResponse> client;

        ServedCall(StreamObserver<RankResponse> client) {
            this.client = client;
        }

        void answer() {
            if (answered.compareAndSet(false, true)) {
                client.onNext(RankResponse.getDefaultInstance());
                client.onCompleted();
            }
        }
    }
}
