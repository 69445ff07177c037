package io.dromaius.client;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A subscriber that requests nothing by itself. */
final class Recorder implements Flow.Subscriber<GenerationEvent> {
    final List<GenerationEvent> events = new ArrayList<>();
    private final Semaphore arrived = new Semaphore(0);
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile Flow.@Nullable Subscription subscription;
    volatile @Nullable Throwable failure;
    /** What it does with an event once it is recorded. */
    volatile Runnable read = () -> {};

    Flow.Subscription subscription() {
        Flow.Subscription current = subscription;
        if (current == null) {
            throw new AssertionError("onSubscribe was not called");
        }
        return current;
    }

    /** Waits until {@code count} more events are here. */
    void awaitEvents(int count) throws InterruptedException {
        if (!arrived.tryAcquire(count, 60, TimeUnit.SECONDS)) {
            throw new AssertionError("events did not arrive; there are " + arrived.availablePermits());
        }
    }

    void awaitEnd() throws InterruptedException {
        if (!ended.await(60, TimeUnit.SECONDS)) {
            throw new AssertionError("the stream did not end");
        }
    }

    boolean hasEnded() {
        return ended.getCount() == 0;
    }

    boolean hasMore() {
        return arrived.availablePermits() > 0;
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
        this.subscription = subscription;
    }

    @Override
    public void onNext(GenerationEvent event) {
        events.add(event);
        arrived.release();
        read.run();
    }

    @Override
    public void onError(Throwable failure) {
        this.failure = failure;
        ended.countDown();
    }

    @Override
    public void onComplete() {
        ended.countDown();
    }
}
