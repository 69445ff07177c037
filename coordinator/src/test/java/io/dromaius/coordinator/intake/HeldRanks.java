package io.dromaius.coordinator.intake;

import static org.assertj.core.api.Assertions.assertThat;

import io.dromaius.proto.v1.GenerationServiceGrpc;
import io.dromaius.proto.v1.RankRequest;
import io.dromaius.proto.v1.RankResponse;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/** A service that keeps its calls until they are to be answered. */
final class HeldRanks extends GenerationServiceGrpc.GenerationServiceImplBase {
    final BlockingQueue<Served> calls = new LinkedBlockingQueue<>();
    /** The most that the budget held as a call came. */
    final AtomicLong mostBytes = new AtomicLong();

    private final MessageBudget budget;
    private final List<Served> held = new ArrayList<>();
    private boolean answering;

    HeldRanks(MessageBudget budget) {
        this.budget = budget;
    }

    @Override
    public synchronized void rank(RankRequest request, StreamObserver<RankResponse> client) {
        mostBytes.accumulateAndGet(budget.load().bytes(), Math::max);
        Served call = new Served(client);
        calls.add(call);
        if (answering) {
            call.answer();
        } else {
            held.add(call);
        }
    }

    Served next() throws InterruptedException {
        Served call = calls.poll(200, TimeUnit.SECONDS);
        assertThat(call).as("a call is served").isNotNull();
        return call;
    }

    synchronized void answerAll() {
        answering = true;
        held.forEach(Served::answer);
        held.clear();
    }

    synchronized void hold() {
        answering = false;
        calls.clear();
    }

    /** A call that has reached the service. */
    static final class Served {
        final LongConsumer release = MessageIntake.release();
        final AtomicBoolean answered = new AtomicBoolean();
        private final StreamObserver<RankResponse> client;

        private Served(StreamObserver<RankResponse> client) {
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
