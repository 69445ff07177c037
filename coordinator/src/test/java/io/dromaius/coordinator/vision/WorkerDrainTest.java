package io.dromaius.coordinator.vision;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.dromaius.node.ConfigLoader;
import io.dromaius.node.NodeConfig;
import io.dromaius.node.rpc.FailureCode;
import io.dromaius.node.rpc.Failures;
import io.dromaius.node.rpc.GrpcChannels;
import io.dromaius.node.rpc.GrpcServer;
import io.dromaius.node.rpc.GrpcServers;
import io.dromaius.node.rpc.Liveness;
import io.dromaius.proto.internal.v1.DrawDone;
import io.dromaius.proto.internal.v1.DrawProgress;
import io.dromaius.proto.internal.v1.DrawRequest;
import io.dromaius.proto.internal.v1.DrawResponse;
import io.dromaius.proto.internal.v1.Member;
import io.dromaius.wire.TensorDecoderService;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A decoder that is stopped while it draws. Over sockets: there, a server that stops takes no connections but keeps those it has. */
final class WorkerDrainTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final WorkerPool workers = new WorkerPool(member -> GrpcChannels.internal(member.getEndpoint()), timer);
    private final DecoderPool decoders = new DecoderPool(workers, PATIENCE);
    private final BlockingQueue<StreamObserver<DrawResponse>> calls = new LinkedBlockingQueue<>();
    private final List<GrpcServer> servers = new ArrayList<>();
    private final Ended ended = new Ended();

    @BeforeEach
    void start() throws Exception {
        Member stopped = decoder("stopped");
        reach(stopped);
        workers.update(List.of(stopped));
    }

    @AfterEach
    void stop() throws Exception {
        workers.close();
        timer.shutdownNow();
        for (GrpcServer server : servers) {
            server.close();
        }
    }

    @Test
    void aDecoderThatIsStoppedFinishesItsPicture() throws Exception {
        StreamObserver<DrawResponse> call = beginDrawing();
        drain();
        finish(call);

        assertThat(ended.how()).isEqualTo("done");
        assertThat(calls).as("further attempts").isEmpty();
    }

    @Test
    void soItDoesWhenItHasLeftTheCluster() throws Exception {
        StreamObserver<DrawResponse> call = beginDrawing();
        Member other = decoder("other");
        drain();
        workers.update(List.of(other));
        assertThat(workers.lease(Set.of()).orElseThrow().member()).isEqualTo("other");
        finish(call);

        assertThat(ended.how()).isEqualTo("done");
        assertThat(calls).as("further attempts").isEmpty();
    }

    @Test
    void whatItHasNotFinishedWhenItEndsIsDrawnByAnother() throws Exception {
        StreamObserver<DrawResponse> call = beginDrawing();
        Member other = decoder("other");
        drain();
        workers.update(List.of(other));
        call.onError(Failures.of(FailureCode.DRAINING, "the decoder is stopped").build());
        finish(nextCall());

        assertThat(ended.how()).isEqualTo("done");
    }

    private StreamObserver<DrawResponse> beginDrawing() throws InterruptedException {
        decoders.draw(DrawRequest.getDefaultInstance(), ByteBuffer.allocate(4), ended);
        return nextCall();
    }

    private StreamObserver<DrawResponse> nextCall() throws InterruptedException {
        return Objects.requireNonNull(calls.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS));
    }

    private void drain() throws Exception {
        servers.get(0).drain(Duration.ZERO);
        awaitNoWorker();
    }

    /** Until the watch has noticed that the only worker takes no connections. */
    private void awaitNoWorker() throws Exception {
        CompletableFuture<Void> noticed = new CompletableFuture<>();
        Future<?> looking = timer.scheduleWithFixedDelay(
                () -> {
                    if (!workers.available()) {
                        noticed.complete(null);
                    }
                },
                0,
                5,
                TimeUnit.MILLISECONDS);
        noticed.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        looking.cancel(false);
    }

    private static void finish(StreamObserver<DrawResponse> call) {
        call.onNext(
                DrawResponse.newBuilder().setDone(DrawDone.getDefaultInstance()).build());
        call.onCompleted();
    }

    /** The first connection of a process takes its time, which the watch might take for silence. */
    private static void reach(Member member) throws Exception {
        ManagedChannel channel = GrpcChannels.internal(member.getEndpoint());
        assertThat(Liveness.ask(channel).get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .isTrue();
        channel.shutdownNow();
    }

    private Member decoder(String id) throws Exception {
        TensorDecoderService service = (request, responses) -> {
            request.close();
            calls.add(responses);
        };
        GrpcServer server = GrpcServers.internal(ConfigLoader.load(NodeConfig.class, List.of(), Map.of()))
                .add(service)
                .build();
        server.start();
        servers.add(server);
        return Member.newBuilder().setId(id).setEndpoint(server.endpoint()).build();
    }

    /** How a drawing ended. */
    private static final class Ended implements Drawing {
        private final CompletableFuture<String> end = new CompletableFuture<>();

        String how() throws Exception {
            return end.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }

        @Override
        public void onProgress(DrawProgress progress) {}

        @Override
        public void onPreview(int step, ByteString png) {}

        @Override
        public void onDone(DrawDone done) {
            end.complete("done");
        }

        @Override
        public void onFailed(Throwable cause) {
            end.complete(Status.fromThrowable(cause).getCode().name());
        }
    }
}
