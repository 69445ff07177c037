package io.dromaius.node.rpc;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** On the test's own thread: beats come when the test says so, and answers too. */
final class PeerWatchTest {
    private final Beats beats = new Beats();
    private final Deque<StreamObserver<HealthCheckResponse>> questions = new ArrayDeque<>();
    private final List<String> told = new ArrayList<>();
    private final Server server = InProcessServerBuilder.forName("peer")
            .directExecutor()
            .addService(new HealthGrpc.HealthImplBase() {
                @Override
                public void check(HealthCheckRequest request, StreamObserver<HealthCheckResponse> response) {
                    questions.add(response);
                }
            })
            .build();
    private final ManagedChannel channel =
            InProcessChannelBuilder.forName("peer").directExecutor().build();
    private final PeerWatch watch = new PeerWatch(() -> channel, Duration.ofSeconds(2), beats, new Told());

    @BeforeEach
    void start() throws IOException {
        server.start();
        watch.start();
    }

    @AfterEach
    void stop() {
        watch.close();
        channel.shutdownNow();
        server.shutdownNow();
        beats.shutdownNow();
    }

    @Test
    void anAnswerWithinTheLimitCountsHoweverLateTheBeatsCome() {
        for (int i = 0; i < 5; i++) {
            beats.pass(8);
            answer();
        }
        assertThat(told).isEmpty();
    }

    @Test
    void silenceIsToldOnceAndSoIsItsEnd() {
        beats.pass(8);
        assertThat(told).isEmpty();
        beats.pass(30);
        assertThat(told).containsExactly("silent");
        questions.clear();
        beats.pass(9);
        answer();
        assertThat(told).containsExactly("silent", "alive");
    }

    @Test
    void oneQuestionIsAskedAtATime() {
        beats.pass(5);
        assertThat(questions).hasSize(1);
        answer();
        beats.pass(1);
        assertThat(questions).hasSize(1);
    }

    @Test
    void thatAProcessCannotBeReachedIsToldAtOnceAndOnceAndIsNotSilence() {
        server.shutdownNow();
        beats.pass(1);
        assertThat(told).containsExactly("unreachable");
        beats.pass(30);
        assertThat(told).containsExactly("unreachable");
    }

    @Test
    void aProcessMayFallSilentAfterItCouldNotBeReachedButNotTheOtherWayRound() {
        beats.pass(1);
        questions.remove().onError(Status.UNAVAILABLE.asRuntimeException());
        assertThat(told).containsExactly("unreachable");
        beats.pass(9);
        assertThat(told).containsExactly("unreachable", "silent");
        questions.removeLast().onError(Status.UNAVAILABLE.asRuntimeException());
        beats.pass(1);
        answerLast();
        assertThat(told).containsExactly("unreachable", "silent", "alive");
    }

    @Test
    void aProcessThatCannotSayHowItIsIsAlive() {
        beats.pass(1);
        questions.remove().onError(Status.UNIMPLEMENTED.asRuntimeException());
        beats.pass(8);
        assertThat(told).isEmpty();
    }

    @Test
    void theAnswerToAQuestionThatWasDroppedSaysNothing() {
        beats.pass(9);
        assertThat(told).containsExactly("silent");
        answer(); // to the first
        assertThat(told).containsExactly("silent");
        answer();
        assertThat(told).containsExactly("silent", "alive");
    }

    @Test
    void aClosedWatchTellsNothing() {
        beats.pass(1);
        watch.close();
        beats.pass(20);
        assertThat(told).isEmpty();
        assertThat(beats.cancelled()).isTrue();
    }

    private void answer() {
        answer(questions.remove());
    }

    private void answerLast() {
        answer(questions.removeLast());
    }

    private static void answer(StreamObserver<HealthCheckResponse> response) {
        response.onNext(HealthCheckResponse.getDefaultInstance());
        response.onCompleted();
    }

    private final class Told implements PeerWatch.Listener {
        @Override
        public void onUnreachable() {
            told.add("unreachable");
        }

        @Override
        public void onSilent() {
            told.add("silent");
        }

        @Override
        public void onAlive() {
            told.add("alive");
        }
    }

    /** A timer with one task, run by the test. */
    private static final class Beats extends ScheduledThreadPoolExecutor {
        private Runnable task = () -> {};
        private ScheduledFuture<?> future = super.schedule(() -> {}, 1, TimeUnit.DAYS);

        Beats() {
            super(1);
        }

        @Override
        public ScheduledFuture<?> scheduleWithFixedDelay(Runnable command, long initial, long delay, TimeUnit unit) {
            assertThat(unit.toMillis(delay)).isEqualTo(250);
            task = command;
            future = super.scheduleWithFixedDelay(() -> {}, 1, 1, TimeUnit.DAYS);
            return future;
        }

        void pass(int count) {
            for (int i = 0; i < count; i++) {
                task.run();
            }
        }

        boolean cancelled() {
            return future.isCancelled();
        }
    }
}
