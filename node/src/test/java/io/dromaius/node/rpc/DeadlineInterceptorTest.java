package io.dromaius.node.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.dromaius.node.ConfigLoader;
import io.dromaius.node.NodeConfig;
import io.dromaius.proto.internal.v1.LoadShardRequest;
import io.dromaius.proto.internal.v1.LoadShardResponse;
import io.dromaius.proto.internal.v1.ShardServiceGrpc;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

@Timeout(value = 300, unit = TimeUnit.SECONDS)
class DeadlineInterceptorTest {
    /** Long enough for a call to reach the service first, on a slow machine too. */
    private static final Duration SHORT = Duration.ofSeconds(5);

    private static final Duration AGES = Duration.ofHours(1);
    private static final NodeConfig CONFIG = ConfigLoader.load(NodeConfig.class, List.of(), Map.of());

    /** What the service saw of one call. */
    private static final class Seen {
        private final CompletableFuture<Long> millisLeft = new CompletableFuture<>();
        private final CompletableFuture<Void> cancelled = new CompletableFuture<>();
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aCallWithoutDeadlineGetsTheDefaultAndEndsWithIt() throws Exception {
        Seen seen = new Seen();
        StatusRuntimeException failure = call(seen, SHORT, AGES, null, false);
        assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
        assertThat(Failures.codeOf(failure)).contains(FailureCode.DEADLINE);
        assertThat(seen.millisLeft.get()).isBetween(0L, SHORT.toMillis());
        seen.cancelled.get(60, TimeUnit.SECONDS);
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aDeadlineOverTheLongestIsShortened() throws Exception {
        Seen seen = new Seen();
        StatusRuntimeException failure = call(seen, SHORT.dividedBy(2), SHORT, AGES, false);
        assertThat(Failures.codeOf(failure)).contains(FailureCode.DEADLINE);
        seen.cancelled.get(60, TimeUnit.SECONDS);
    }

    @Test
    void aDeadlineWithinTheLongestIsLeftAlone() throws Exception {
        Seen seen = new Seen();
        StatusRuntimeException failure =
                call(seen, Duration.ofMillis(1), Duration.ofHours(2), Duration.ofSeconds(30), true);
        assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.UNIMPLEMENTED);
        assertThat(seen.millisLeft.get()).isBetween(1_000L, 30_000L);
    }

    @Test
    void theDefaultIsWithinTheLongest() {
        ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new DeadlineInterceptor(AGES, Duration.ofSeconds(1), timer));
        timer.shutdownNow();
    }

    private static StatusRuntimeException call(
            Seen seen, Duration byDefault, Duration longest, @Nullable Duration asked, boolean answers)
            throws Exception {
        ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
        GrpcServer server = GrpcServers.internal(CONFIG)
                .intercept(new DeadlineInterceptor(byDefault, longest, timer))
                .add(new ShardServiceGrpc.ShardServiceImplBase() {
                    @Override
                    public void loadShard(LoadShardRequest request, StreamObserver<LoadShardResponse> responses) {
                        Deadline deadline = Context.current().getDeadline();
                        seen.millisLeft.complete(
                                deadline == null ? -1 : Math.max(0, deadline.timeRemaining(TimeUnit.MILLISECONDS)));
                        ((ServerCallStreamObserver<LoadShardResponse>) responses)
                                .setOnCancelHandler(() -> seen.cancelled.complete(null));
                        if (answers) {
                            responses.onError(Status.UNIMPLEMENTED.asRuntimeException());
                        }
                    }
                })
                .build();
        server.start();
        ManagedChannel channel = GrpcChannels.internal(server.endpoint());
        try {
            ShardServiceGrpc.ShardServiceBlockingStub stub = ShardServiceGrpc.newBlockingStub(channel);
            ShardServiceGrpc.ShardServiceBlockingStub limited =
                    asked == null ? stub : stub.withDeadlineAfter(asked.toMillis(), TimeUnit.MILLISECONDS);
            return catchThrowableOfType(
                    StatusRuntimeException.class, () -> limited.loadShard(LoadShardRequest.getDefaultInstance()));
        } finally {
            channel.shutdownNow();
            server.close();
            timer.shutdownNow();
        }
    }
}
