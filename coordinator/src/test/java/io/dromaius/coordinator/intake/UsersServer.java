package io.dromaius.coordinator.intake;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.ByteString;
import io.dromaius.node.ConfigLoader;
import io.dromaius.node.NodeConfig;
import io.dromaius.node.rpc.GrpcServer;
import io.dromaius.node.rpc.GrpcServers;
import io.dromaius.proto.v1.GenerationServiceGrpc;
import io.dromaius.proto.v1.Image;
import io.dromaius.proto.v1.MessageBytes;
import io.dromaius.proto.v1.Part;
import io.dromaius.proto.v1.Prompt;
import io.dromaius.proto.v1.RankRequest;
import io.dromaius.proto.v1.RankResponse;
import io.grpc.ManagedChannel;
import io.grpc.ServerInterceptors;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A users' server on the loopback, whose service answers when it is told to, and its clients. */
final class UsersServer implements AutoCloseable {
    static final Duration AGES = Duration.ofHours(1);
    static final Duration SOON = Duration.ofMillis(500);
    static final long MIB = 1 << 20;
    static final long LARGEST = 8 * MIB;
    /** {@link #LARGE_CALLS} large messages, and {@link #WAITING_CALLS} calls that wait. */
    static final long BUDGET = 32 * MIB;

    static final int LARGE_CALLS = 3;
    static final int WAITING_CALLS = 32;

    static final RankRequest PICTURE = picture(7 * MIB);

    private static final NodeConfig CONFIG = ConfigLoader.load(NodeConfig.class, List.of(), Map.of());

    final MessageBudget budget = new MessageBudget(BUDGET, LARGEST, GrpcServers.OPEN_WINDOW.bytes());
    final AtomicInteger refused = new AtomicInteger();
    final HeldRanks service = new HeldRanks(budget);
    final SeenCalls seen = new SeenCalls();
    final ManagedChannel channel;

    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final GrpcServer server;

    UsersServer(Duration patience, Duration timeout) throws IOException {
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

    static RankRequest picture(long bytes) {
        return RankRequest.newBuilder()
                .setPrompt(Prompt.newBuilder()
                        .addParts(Part.newBuilder()
                                .setImage(Image.newBuilder().setData(ByteString.copyFrom(new byte[(int) bytes])))))
                .build();
    }

    GenerationServiceGrpc.GenerationServiceFutureStub stub() {
        return GenerationServiceGrpc.newFutureStub(channel).withDeadlineAfter(200, TimeUnit.SECONDS);
    }

    /** Says before it sends a message that it is as long as {@code message}. */
    GenerationServiceGrpc.GenerationServiceFutureStub stubSaying(RankRequest message) {
        return stub().withInterceptors(MetadataUtils.newAttachHeadersInterceptor(MessageBytes.of(message)));
    }

    /** So many calls at once, each with a {@link #PICTURE}. */
    List<ListenableFuture<RankResponse>> sendPictures(int calls) {
        List<ListenableFuture<RankResponse>> sent = new ArrayList<>();
        for (int i = 0; i < calls; i++) {
            sent.add(stub().rank(PICTURE));
        }
        return sent;
    }

    /** Has as many of the pictures that are sent served as there is room for. Returns the first. */
    HeldRanks.Served awaitFull() throws InterruptedException {
        HeldRanks.Served first = service.next();
        for (int i = 1; i < LARGE_CALLS; i++) {
            service.next();
        }
        return first;
    }

    /** Takes all the room for large messages, with calls whose end no one waits for. */
    void occupy() throws InterruptedException {
        sendPictures(LARGE_CALLS);
        awaitFull();
    }

    void assertNothingIsHeldAfter(int calls) throws InterruptedException {
        seen.awaitEnded(calls);
        assertThat(budget.load()).isEqualTo(new MessageBudget.Load(0, BUDGET, 0));
    }

    void stopClients() {
        channel.shutdownNow();
    }

    @Override
    public void close() throws InterruptedException {
        stopClients();
        server.close();
        timer.shutdownNow();
    }
}
