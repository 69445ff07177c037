package io.dromaius.coordinator.placement;

import static org.assertj.core.api.Assertions.assertThat;

import io.dromaius.proto.internal.v1.StagePlacement;
import io.grpc.Server;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class LostShardsTest {
    private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor();
    private final BlockingQueue<Set<String>> published = new LinkedBlockingQueue<>();
    private final CountDownLatch asked = new CountDownLatch(2);
    private final LostShards lost =
            new LostShards(endpoint -> InProcessChannelBuilder.forName(endpoint).build(), executor, published::add);
    private @Nullable Server server;

    @AfterEach
    void stop() throws InterruptedException {
        executor.shutdownNow();
        assertThat(executor.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        if (server != null) {
            server.shutdownNow();
        }
    }

    @Test
    void aShardThatAnswersIsFreeAgain() throws Exception {
        serve("alive", true);
        lost.add(shard("alive"));
        assertThat(next()).containsExactly("alive");
        assertThat(next()).isEmpty();
    }

    @Test
    void aShardThatStandsStillIsAskedAgainAndStaysLost() throws Exception {
        serve("still", false);
        lost.add(shard("still"));
        assertThat(next()).containsExactly("still");
        assertThat(asked.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(published).isEmpty();
    }

    @Test
    void aShardThatCannotBeReachedStaysLostUntilItIsRegisteredNoMore() throws Exception {
        lost.add(shard("gone"));
        lost.add(shard("other"));
        assertThat(next()).containsExactly("gone");
        assertThat(next()).containsExactlyInAnyOrder("gone", "other");
        lost.keepRegistered(Set.of("other"));
        assertThat(next()).containsExactly("other");
    }

    private Set<String> next() throws InterruptedException {
        Set<String> told = published.poll(30, TimeUnit.SECONDS);
        assertThat(told).isNotNull();
        return Set.copyOf(told);
    }

    private static StagePlacement shard(String id) {
        return StagePlacement.newBuilder().setMember(id).setEndpoint(id).build();
    }

    private void serve(String name, boolean answers) throws IOException {
        server = InProcessServerBuilder.forName(name)
                .addService(new HealthGrpc.HealthImplBase() {
                    @Override
                    public void check(HealthCheckRequest request, StreamObserver<HealthCheckResponse> response) {
                        asked.countDown();
                        if (answers) {
                            response.onNext(HealthCheckResponse.getDefaultInstance());
                            response.onCompleted();
                        }
                    }
                })
                .build()
                .start();
    }
}
