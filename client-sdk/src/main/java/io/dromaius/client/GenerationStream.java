package io.dromaius.client;

import io.grpc.Status;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * An answer as a blocking iterator, for one thread and one pass. Its {@code hasNext} and {@code next} wait for the
 * cluster, at most to the call's deadline, and throw the {@link EmuException} that ended the call. Closing cancels
 * whatever has not arrived.
 * A reader that falls behind slows the cluster down: at most {@value #WINDOW} events wait here.
 */
public final class GenerationStream implements Iterable<GenerationEvent>, AutoCloseable {
    static final int WINDOW = 16;

    private final BlockingQueue<Signal> signals = new LinkedBlockingQueue<>();
    private final Receiver receiver = new Receiver();
    private final Events events = new Events();

    GenerationStream() {}

    Flow.Subscriber<GenerationEvent> receiver() {
        return receiver;
    }

    /** The same iterator each time. */
    @Override
    public Iterator<GenerationEvent> iterator() {
        return events;
    }

    /** Reads to the end and returns the whole answer. */
    public Generation collect() {
        Generation.Collector collector = new Generation.Collector();
        Generation whole = null;
        while (events.hasNext()) {
            Generation ended = collector.accept(events.next());
            whole = ended == null ? whole : ended;
        }
        if (whole == null) {
            throw FailureDetails.of(Status.Code.DATA_LOSS, "the answer has no end")
                    .toException(null);
        }
        return whole;
    }

    /** Cancels the call if it has not ended: the cluster frees everything it holds for it. */
    @Override
    public void close() {
        receiver.cancel();
    }

    /** An event, the failure that ended the call, or (with neither) its end. */
    private record Signal(@Nullable GenerationEvent event, @Nullable Throwable failure) {}

    private final class Events implements Iterator<GenerationEvent> {
        private @Nullable Signal head;

        @Override
        public boolean hasNext() {
            Signal signal = peek();
            if (signal.failure instanceof EmuException failure) {
                throw failure;
            }
            if (signal.failure != null) {
                throw new IllegalStateException(signal.failure);
            }
            return signal.event != null;
        }

        @Override
        public GenerationEvent next() {
            GenerationEvent event = hasNext() ? peek().event : null;
            if (event == null) {
                throw new NoSuchElementException("the answer has ended");
            }
            head = null;
            receiver.requestOne();
            return event;
        }

        private Signal peek() {
            if (head == null) {
                head = take();
            }
            return head;
        }

        private Signal take() {
            try {
                // The call's deadline bounds this wait: every call ends with a signal.
                return signals.take();
            } catch (InterruptedException e) {
                close();
                Thread.currentThread().interrupt();
                return new Signal(
                        null,
                        FailureDetails.of(Status.Code.CANCELLED, "interrupted while waiting for the next event")
                                .toException(e));
            }
        }
    }

    private final class Receiver implements Flow.Subscriber<GenerationEvent> {
        private volatile Flow.@Nullable Subscription subscription;

        void requestOne() {
            Flow.Subscription current = subscription;
            if (current != null) {
                current.request(1);
            }
        }

        void cancel() {
            Flow.Subscription current = subscription;
            if (current != null) {
                current.cancel();
                signals.add(new Signal(
                        null,
                        FailureDetails.of(Status.Code.CANCELLED, "the stream is closed")
                                .toException(null)));
            }
        }

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            this.subscription = subscription;
            subscription.request(WINDOW);
        }

        @Override
        public void onNext(GenerationEvent event) {
            signals.add(new Signal(event, null));
        }

        @Override
        public void onError(Throwable failure) {
            signals.add(new Signal(null, failure));
        }

        @Override
        public void onComplete() {
            signals.add(new Signal(null, null));
        }
    }
}
