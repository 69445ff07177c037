package io.dromaius.node.rpc;

import static java.util.Objects.requireNonNull;

import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.common.util.concurrent.MoreExecutors;
import io.grpc.ManagedChannel;
import io.grpc.SynchronizationContext;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks another process several times a second whether it is alive. A process that stands still keeps its connections, so
 * calls that wait for it would wait for their whole deadline; gRPC's own keepalive takes twelve seconds to notice.
 */
public final class PeerWatch implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(PeerWatch.class);

    /** Hears of a process, one thing at a time, on the timer's threads or gRPC's. It is taken for alive at first. */
    public interface Listener {
        /**
         * It takes no connection: it is gone, or being stopped. Of calls that run nothing is known; those of a process
         * that is gone end by themselves, and one that is being stopped goes on with them.
         */
        void onUnreachable();

        /** It did not answer in time, and neither will calls that wait for it. */
        void onSilent();

        /** It answers again. */
        void onAlive();
    }

    private enum State {
        ALIVE,
        UNREACHABLE,
        SILENT
    }

    private final Supplier<ManagedChannel> channel;
    private final Silence silence;
    private final ScheduledExecutorService timer;
    private final Listener listener;
    private final SynchronizationContext context =
            new SynchronizationContext((thread, failure) -> log.error("the watch over a process failed", failure));
    // The rest belongs to the context.
    private State state = State.ALIVE;
    private boolean closed;
    private @Nullable Future<?> beats;
    private @Nullable ListenableFuture<Boolean> question;

    /**
     * A watch that begins when started.
     *
     * @param channel asked for each question; not shut down here
     * @param silence how long an answer may take
     * @param timer not shut down here
     */
    public PeerWatch(
            Supplier<ManagedChannel> channel, Duration silence, ScheduledExecutorService timer, Listener listener) {
        this.channel = channel;
        this.silence = new Silence(silence);
        this.timer = timer;
        this.listener = listener;
    }

    /** Asks for the first time soon. */
    public void start() {
        context.execute(() -> {
            if (!closed && beats == null) {
                beats = silence.every(timer, () -> context.execute(this::beat));
            }
        });
    }

    /** No more questions; an answer on its way is not heard. */
    @Override
    public void close() {
        context.execute(() -> {
            closed = true;
            if (beats != null) {
                beats.cancel(false);
            }
            drop();
        });
    }

    private void beat() {
        if (closed) {
            return;
        }
        if (silence.beat()) {
            drop();
            silent();
        }
        if (question == null) {
            ask();
        }
    }

    private void ask() {
        ManagedChannel asked = channel.get();
        if (state != State.ALIVE) {
            asked.resetConnectBackoff(); // grows to minutes otherwise
        }
        ListenableFuture<Boolean> check = Liveness.ask(asked);
        question = check;
        check.addListener(() -> context.execute(() -> answered(check)), MoreExecutors.directExecutor());
    }

    /** One that was dropped is not the question any more. */
    private void answered(ListenableFuture<Boolean> check) {
        if (question == check) {
            question = null;
            silence.heard();
            if (requireNonNull(Futures.getUnchecked(check))) {
                alive();
            } else {
                unreachable();
            }
        }
    }

    /** The question that waits is asked no more. */
    private void drop() {
        ListenableFuture<Boolean> waiting = question;
        question = null;
        if (waiting != null) {
            waiting.cancel(false);
        }
    }

    private void alive() {
        if (state != State.ALIVE) {
            state = State.ALIVE;
            listener.onAlive();
        }
    }

    /** Of one that is silent already, less than what was told. */
    private void unreachable() {
        if (state == State.ALIVE) {
            state = State.UNREACHABLE;
            listener.onUnreachable();
        }
    }

    private void silent() {
        if (state != State.SILENT) {
            state = State.SILENT;
            listener.onSilent();
        }
    }
}
