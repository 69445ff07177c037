package io.dromaius.node;

import com.google.common.base.Ticker;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The parts of a process, started in the order in which they were added and stopped in reverse.
 *
 * <p>Stopping has two rounds. In the first every started part drains: it takes itself out of service and lets running
 * calls finish, all parts together within the drain timeout. In the second every part closes. A part that fails does
 * not keep the others from closing; the first failure is thrown, later ones are suppressed into it.
 *
 * <p>{@link #close} may be called from any thread, also while {@link #start} runs; parts are then closed once the part
 * being started is there.
 */
public final class Node implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Node.class);
    /** Beyond the drain timeout, how long closing may take before the process goes down regardless. */
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

    /** One part of a process. A part whose {@code start} failed is closed too, and must bear it. */
    public interface Part {
        /** Returns once the part does its work. */
        default void start() throws Exception {}

        /** Takes no new work from now on and waits for running work, no longer than the time left. */
        default void drain(Duration timeLeft) throws Exception {}

        /** Frees what the part holds. Called once. */
        default void close() throws Exception {}
    }

    private record Named(String name, Part part) {}

    private final String name;
    private final Duration drainTimeout;
    private final Ticker ticker;
    private final List<Named> parts = new ArrayList<>();
    private final Deque<Named> started = new ArrayDeque<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile boolean stopping;
    private volatile @Nullable Throwable failure;

    public Node(String name, Duration drainTimeout) {
        this(name, drainTimeout, Ticker.systemTicker());
    }

    Node(String name, Duration drainTimeout, Ticker ticker) {
        this.name = name;
        this.drainTimeout = drainTimeout;
        this.ticker = ticker;
    }

    /** Adds a part that starts after, and stops before, all that were added earlier. Before {@link #start} only. */
    public synchronized Node add(String partName, Part part) {
        parts.add(new Named(partName, part));
        return this;
    }

    /** Adds something that is there already and only has to be closed. */
    public Node addCloseable(String partName, AutoCloseable closeable) {
        return add(partName, new Part() {
            @Override
            public void close() throws Exception {
                closeable.close();
            }
        });
    }

    /**
     * Starts all parts.
     *
     * @throws Exception what a part threw; the parts before it are closed again by then
     * @throws IllegalStateException if {@link #close} was called meanwhile
     */
    public void start() throws Exception {
        try {
            startParts();
        } catch (Exception | Error e) {
            try {
                close();
            } catch (Exception suppressed) {
                e.addSuppressed(suppressed);
            }
            throw e;
        }
    }

    private synchronized void startParts() throws Exception {
        for (Named named : parts) {
            if (stopping) {
                throw new IllegalStateException(name + " is stopped before it has started");
            }
            started.push(named);
            named.part().start();
        }
    }

    /** Drains and closes; later calls do nothing. */
    @Override
    public void close() throws Exception {
        stopping = true;
        closeParts();
    }

    private synchronized void closeParts() throws Exception {
        List<Named> stopped = new ArrayList<>(started);
        started.clear();
        Throwable first = null;
        long deadline = ticker.read() + drainTimeout.toNanos();
        for (Named named : stopped) {
            Duration timeLeft = Duration.ofNanos(Math.max(0, deadline - ticker.read()));
            first = attempt(named.name(), () -> named.part().drain(timeLeft), first);
        }
        for (Named named : stopped) {
            first = attempt(named.name(), named.part()::close, first);
        }
        closed.countDown();
        if (first instanceof Error error) {
            throw error;
        } else if (first != null) {
            throw (Exception) first;
        }
    }

    private interface Action {
        void run() throws Exception;
    }

    private @Nullable Throwable attempt(String partName, Action action, @Nullable Throwable first) {
        try {
            action.run();
            return first;
        } catch (Exception | Error e) {
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            if (first == null) {
                return e;
            }
            first.addSuppressed(new IllegalStateException(partName + " did not stop in order", e));
            return first;
        }
    }

    /**
     * Ends the node because a thread died without which it cannot do its work: a process that is there and does nothing
     * would be given work for ever. Returns at once; {@link #awaitClosed} tells.
     */
    public void threadDied(Thread thread, Throwable cause) {
        log.error("{} ends: its thread {} died", name, thread.getName(), cause);
        failure = cause;
        closeInBackground();
    }

    /** Waits, for as long as it takes, until the node is closed; whether that was in good order. */
    public boolean awaitClosed() throws InterruptedException {
        closed.await();
        return failure == null;
    }

    /**
     * Closes the node when the process gets SIGTERM or SIGINT. The process ends within the drain timeout and ten
     * seconds, whatever the parts do.
     */
    public void closeOnSignal() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::closeInTime, name + "-stop"));
    }

    private void closeInBackground() {
        Thread closer = new Thread(
                () -> {
                    try {
                        close();
                    } catch (Exception e) {
                        log.error("{} did not stop in order", name, e);
                    }
                },
                name + "-close");
        closer.setDaemon(true);
        closer.start();
    }

    private void closeInTime() {
        closeInBackground();
        try {
            if (!closed.await(drainTimeout.plus(CLOSE_TIMEOUT).toMillis(), TimeUnit.MILLISECONDS)) {
                log.error("{} is not closed in time and goes down as it is", name);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
