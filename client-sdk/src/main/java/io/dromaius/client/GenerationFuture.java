package io.dromaius.client;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** A whole answer in the future; cancelling it cancels the call. */
final class GenerationFuture extends CompletableFuture<Generation> {
    private final Receiver receiver = new Receiver();

    Flow.Subscriber<GenerationEvent> receiver() {
        return receiver;
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        boolean cancelled = super.cancel(mayInterruptIfRunning);
        Flow.Subscription current = receiver.subscription;
        if (cancelled && current != null) {
            current.cancel();
        }
        return cancelled;
    }

    private final class Receiver implements Flow.Subscriber<GenerationEvent> {
        private final Generation.Collector collector = new Generation.Collector();
        private volatile Flow.@Nullable Subscription subscription;

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            this.subscription = subscription;
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(GenerationEvent event) {
            Generation whole = collector.accept(event);
            if (whole != null) {
                complete(whole);
            }
        }

        @Override
        public void onError(Throwable failure) {
            completeExceptionally(failure);
        }

        @Override
        public void onComplete() {
            completeExceptionally(new IllegalStateException("the answer has no end"));
        }
    }
}
