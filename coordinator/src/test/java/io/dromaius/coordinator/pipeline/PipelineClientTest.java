package io.dromaius.coordinator.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Ticker;
import io.dromaius.proto.internal.v1.DType;
import io.dromaius.proto.internal.v1.ExecuteRequest;
import io.dromaius.proto.internal.v1.ExecuteResponse;
import io.dromaius.proto.internal.v1.LoadShardRequest;
import io.dromaius.proto.internal.v1.LoadShardResponse;
import io.dromaius.proto.internal.v1.StreamResultsRequest;
import io.dromaius.proto.internal.v1.StreamResultsResponse;
import io.dromaius.wire.TensorBuffers;
import io.dromaius.wire.TensorFrame;
import io.dromaius.wire.TensorShardService;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** On the test's own thread: the watch beats when the test says so, and the shard speaks when told to. */
final class PipelineClientTest {
    private final Beats beats = new Beats();
    private final Shard shard = new Shard();
    private final List<String> lost = new ArrayList<>();
    private long nanos;
    private final Ticker ticker = new Ticker() {
        @Override
        public long read() {
            return nanos;
        }
    };
    private final Server server = InProcessServerBuilder.forName("first")
            .directExecutor()
            .addService(shard)
            .build();
    private final ManagedChannel channel =
            InProcessChannelBuilder.forName("first").directExecutor().build();
    private final PipelineClient client = new PipelineClient(
            new StepFrames(new Incarnation("p0", 1, "me"), DType.D_TYPE_FP32, 4, TensorBuffers.shared()),
            "first",
            Duration.ofSeconds(2),
            ticker,
            (cause, member) -> lost.add(member.orElse("nobody")),
            () -> {});

    @BeforeEach
    void open() throws IOException {
        server.start();
        client.open(channel, beats);
        shard.speak();
    }

    @AfterEach
    void stop() {
        client.close();
        channel.shutdownNow();
        server.shutdownNow();
        beats.shutdownNow();
    }

    @Test
    void aPauseOfTheCoordinatorIsNotTheShardsSilence() {
        for (int i = 0; i < 20; i++) {
            nanos += Duration.ofSeconds(10).toNanos();
            beats.task.run(); // before what came in meanwhile is read
            shard.speak();
        }
        assertThat(lost).isEmpty();
    }

    @Test
    void aShardThatIsSilentForLongerThanTheLimitIsLost() {
        for (int i = 0; i < 8; i++) {
            beats.task.run();
        }
        assertThat(lost).isEmpty();
        beats.task.run();
        assertThat(lost).containsExactly("first");
    }

    private static final class Shard implements TensorShardService {
        private @Nullable StreamObserver<ExecuteResponse> responses;

        void speak() {
            StreamObserver<ExecuteResponse> open = responses;
            if (open == null) {
                throw new IllegalStateException("the stream of steps is not open");
            }
            open.onNext(ExecuteResponse.getDefaultInstance());
        }

        @Override
        public StreamObserver<TensorFrame<ExecuteRequest>> execute(StreamObserver<ExecuteResponse> answers) {
            responses = answers;
            return new StreamObserver<>() {
                @Override
                public void onNext(TensorFrame<ExecuteRequest> frame) {
                    frame.close();
                }

                @Override
                public void onError(Throwable failure) {}

                @Override
                public void onCompleted() {}
            };
        }

        @Override
        public void loadShard(LoadShardRequest request, StreamObserver<LoadShardResponse> response) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void streamResults(
                StreamResultsRequest request, StreamObserver<TensorFrame<StreamResultsResponse>> answers) {
            throw new UnsupportedOperationException();
        }
    }

    /** A timer with one task, run by the test. */
    private static final class Beats extends ScheduledThreadPoolExecutor {
        private Runnable task = () -> {};

        Beats() {
            super(1);
        }

        @Override
        public ScheduledFuture<?> scheduleWithFixedDelay(Runnable command, long initial, long delay, TimeUnit unit) {
            task = command;
            return super.scheduleWithFixedDelay(() -> {}, 1, 1, TimeUnit.DAYS);
        }
    }
}
