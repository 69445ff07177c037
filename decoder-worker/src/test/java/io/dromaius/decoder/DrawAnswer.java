package io.dromaius.decoder;

import static org.assertj.core.api.Assertions.assertThat;

import io.dromaius.proto.internal.v1.DrawDone;
import io.dromaius.proto.internal.v1.DrawResponse;
import io.grpc.Context;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What a client hears of a draw. */
final class DrawAnswer implements StreamObserver<DrawResponse> {
    private static final long TIMEOUT_SECONDS = 60;

    private final Context.CancellableContext context;
    private final List<String> events = new ArrayList<>();
    private final Semaphore arrived = new Semaphore(0);
    private final CompletableFuture<DrawAnswer> ended = new CompletableFuture<>();
    private @Nullable DrawDone done;
    private @Nullable Throwable failure;

    DrawAnswer(Context.CancellableContext context) {
        this.context = context;
    }

    @Override
    public synchronized void onNext(DrawResponse response) {
        switch (response.getEventCase()) {
            case PROGRESS -> events.add("step " + response.getProgress().getStep());
            case PREVIEW -> events.add("preview " + response.getPreview().getStep());
            case DONE -> {
                events.add("done");
                done = response.getDone();
            }
            case EVENT_NOT_SET -> throw new AssertionError("an event without content");
        }
        arrived.release();
    }

    @Override
    public synchronized void onError(Throwable cause) {
        failure = cause;
        ended.complete(this);
    }

    @Override
    public void onCompleted() {
        ended.complete(this);
    }

    Context.CancellableContext context() {
        return context;
    }

    void cancel() {
        context.cancel(null);
    }

    void await() throws Exception {
        ended.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    }

    /** The first of several calls to end. */
    static DrawAnswer firstOf(List<DrawAnswer> answers) throws Exception {
        CompletableFuture<?>[] ends =
                answers.stream().map(answer -> answer.ended).toArray(CompletableFuture[]::new);
        return (DrawAnswer) CompletableFuture.anyOf(ends).get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    }

    void awaitEvents(int count) throws InterruptedException {
        assertThat(arrived.tryAcquire(count, TIMEOUT_SECONDS, TimeUnit.SECONDS))
                .as("%s events", count)
                .isTrue();
    }

    synchronized List<String> events() {
        return List.copyOf(events);
    }

    synchronized DrawDone done() {
        assertThat(failure).isNull();
        return Objects.requireNonNull(done);
    }

    synchronized Throwable failure() {
        return Objects.requireNonNull(failure);
    }
}
