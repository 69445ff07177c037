package io.dromaius.node.rpc;

import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.common.util.concurrent.MoreExecutors;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Asks another process several times a second whether it is alive. A process that stands still keeps its connections, so
 * calls that wait for it would wait for their whole deadline; gRPC's own keepalive takes twelve seconds to notice.
 */
public final class PeerWatch implements AutoCloseable {
    private static final Duration PERIOD = Duration.ofMillis(250);

    private final Supplier<ManagedChannel> channel;
    private final Duration silence;
    private final ScheduledExecutorService timer;
    private final Runnable onSilent;
    private final Runnable onAlive;
    private volatile boolean closed;
    // One question at a time, so no lock.
    private boolean alive = true;
    private volatile @Nullable Future<?> question;

    /**
     * A watch that begins when started.
     *
     * @param channel asked for each question; not shut down here
     * @param silence how long an answer may take
     * @param timer not shut down here
     * @param onSilent the process did not answer in time; on a thread of gRPC's
     * @param onAlive it answers again; on a thread of gRPC's
     */
    public PeerWatch(
            Supplier<ManagedChannel> channel,
            Duration silence,
            ScheduledExecutorService timer,
            Runnable onSilent,
            Runnable onAlive) {
        this.channel = channel;
        this.silence = silence;
        this.timer = timer;
        this.onSilent = onSilent;
        this.onAlive = onAlive;
    }

    /** Asks for the first time soon. */
    public void start() {
        if (!closed && !timer.isShutdown()) {
            question = timer.schedule(this::ask, PERIOD.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    /** No more questions; an answer on its way is not heard. */
    @Override
    public void close() {
        closed = true;
        Future<?> next = question;
        if (next != null) {
            next.cancel(false);
        }
    }

    private void ask() {
        if (closed) {
            return;
        }
        ManagedChannel asked = channel.get();
        if (!alive) {
            asked.resetConnectBackoff(); // grows to minutes otherwise
        }
        Futures.addCallback(
                check(asked),
                new FutureCallback<>() {
                    @Override
                    public void onSuccess(@Nullable HealthCheckResponse answer) {
                        heard(true);
                    }

                    @Override
                    public void onFailure(Throwable cause) {
                        heard(isAnswer(Status.fromThrowable(cause).getCode()));
                    }
                },
                MoreExecutors.directExecutor());
    }

    private void heard(boolean answered) {
        if (closed) {
            return;
        }
        if (answered != alive) {
            alive = answered;
            (answered ? onAlive : onSilent).run();
        }
        start();
    }

    /** A process that cannot say how it is, is alive. */
    private static boolean isAnswer(Status.Code code) {
        return code != Status.Code.UNAVAILABLE && code != Status.Code.DEADLINE_EXCEEDED;
    }

    private ListenableFuture<HealthCheckResponse> check(ManagedChannel channel) {
        Context previous = Context.ROOT.attach();
        try {
            return HealthGrpc.newFutureStub(channel)
                    .withDeadlineAfter(silence.toMillis(), TimeUnit.MILLISECONDS)
                    .check(HealthCheckRequest.getDefaultInstance());
        } finally {
            Context.ROOT.detach(previous);
        }
    }
}
