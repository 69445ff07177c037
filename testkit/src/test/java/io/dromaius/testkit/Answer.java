package io.dromaius.testkit;

import io.dromaius.proto.v1.GenerateRequest;
import io.dromaius.proto.v1.GenerateResponse;
import io.dromaius.proto.v1.GenerationServiceGrpc;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A call in flight: its events so far, and how it ended. */
final class Answer implements StreamObserver<GenerateResponse> {
    /** So long after which a call hangs, however slow the machine. */
    private static final Duration DEADLINE = Duration.ofMinutes(5);

    private final Context.CancellableContext context = Context.current().withCancellation();
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CompletableFuture<Status> ended = new CompletableFuture<>();
    private final List<GenerateResponse> events = new ArrayList<>();
    private volatile Throwable failure = new IllegalStateException("it has not failed");

    static Answer start(ManagedChannel channel, GenerateRequest request) {
        Answer answer = new Answer();
        answer.context.run(() -> GenerationServiceGrpc.newStub(channel)
                .withDeadlineAfter(DEADLINE.toSeconds(), TimeUnit.SECONDS)
                .withMaxInboundMessageSize(64 << 20)
                .generate(request, answer));
        return answer;
    }

    /** Waits until tokens have come. */
    Answer awaitTokens() throws InterruptedException {
        if (!begun.await(DEADLINE.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("no token came");
        }
        return this;
    }

    void cancel() {
        context.cancel(null);
    }

    /** How the call ends; fails if it does not within its deadline, which would be a hang. */
    Status end() throws Exception {
        return ended.get(DEADLINE.toSeconds() + 10, TimeUnit.SECONDS);
    }

    Throwable failure() {
        return failure;
    }

    /** All events, once the call has ended well. */
    List<GenerateResponse> events() throws Exception {
        Status status = end();
        if (!status.isOk()) {
            throw new AssertionError("the call ended with " + status);
        }
        return List.copyOf(events);
    }

    /** Ids of all candidates, one behind the other. */
    List<Integer> ids() throws Exception {
        List<GenerateResponse> all = events();
        return all.get(all.size() - 1).getFinished().getCandidatesList().stream()
                .flatMap(candidate -> candidate.getTokenIdsList().stream())
                .toList();
    }

    @Override
    public void onNext(GenerateResponse event) {
        events.add(event);
        if (event.hasText() || event.hasImageProgress()) {
            begun.countDown();
        }
    }

    @Override
    public void onError(Throwable cause) {
        failure = cause;
        ended.complete(Status.fromThrowable(cause));
    }

    @Override
    public void onCompleted() {
        ended.complete(Status.OK);
    }
}
