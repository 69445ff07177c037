package io.dromaius.coordinator.engine;

import com.google.common.base.Ticker;
import io.dromaius.coordinator.engine.Failure.Reason;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The engine of one pipeline and epoch. One thread, the caller's of {@link #run}, owns everything behind it: it waits on
 * one queue, takes all events that are there, applies each, then schedules once. The other public methods may be called
 * from any thread, never block, and tell nothing back but through the listener, the sink, or their future.
 *
 * <p>An engine that has lost its pipeline stays lost: the next epoch gets a new one.
 */
public final class EngineLoop implements Runnable {
    private static final Logger logger = LoggerFactory.getLogger(EngineLoop.class);
    private static final long LONGEST_WAIT_NANOS = Duration.ofSeconds(1).toNanos();

    /** What the engine does with a new request. */
    private enum State {
        SERVING,
        LOST,
        STOPPED
    }

    private final BlockingQueue<EngineEvent> mailbox = new LinkedBlockingQueue<>();
    private final Scheduler scheduler;
    private final StepSink sink;
    private final Ticker ticker;
    private State state = State.SERVING;

    public EngineLoop(EngineConfig config, EngineModel model, TextStream.Factory texts, StepSink sink, Ticker ticker) {
        this.scheduler = new Scheduler(config, model, texts, sink);
        this.sink = sink;
        this.ticker = ticker;
    }

    /** The listener hears of every outcome, refusal included. */
    public void submit(GenerationRequest request, GenerationListener listener) {
        mailbox.add(new EngineEvent.Submitted(request, listener));
    }

    /** Ends a request, wherever it is; the shards free its blocks with the next frame. No effect once it has ended. */
    public void cancel(String requestId) {
        mailbox.add(new EngineEvent.Cancelled(requestId));
    }

    public void onStepDone(StepResult result) {
        mailbox.add(new EngineEvent.StepDone(result));
    }

    public void onPipelineLost(String cause) {
        mailbox.add(new EngineEvent.PipelineLost(cause));
    }

    public CompletableFuture<EngineStats> stats() {
        CompletableFuture<EngineStats> stats = new CompletableFuture<>();
        mailbox.add(new EngineEvent.StatsAsked(stats));
        return stats;
    }

    /** Fails what is still here and ends {@link #run}. Events that come later are not heard. */
    public void stop() {
        mailbox.add(new EngineEvent.Stopped());
    }

    @Override
    public void run() {
        try {
            while (state != State.STOPPED) {
                turnGuarded();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            stopNow();
        }
    }

    /** A defect in a turn costs this pipeline, never the loop: nobody may be left waiting. */
    private void turnGuarded() throws InterruptedException {
        try {
            turn(scheduler.nanosUntilNext(ticker.read(), LONGEST_WAIT_NANOS));
        } catch (RuntimeException | Error e) {
            logger.error("a turn of the engine failed", e);
            giveUp("the engine failed: " + e);
        }
    }

    /** One turn of the loop: waits at most so long for an event, applies all there are, schedules. */
    void turn(long waitNanos) throws InterruptedException {
        EngineEvent first = mailbox.poll(waitNanos, TimeUnit.NANOSECONDS);
        long now = ticker.read();
        if (first != null) {
            int more = mailbox.size();
            apply(first, now);
            // One at a time: should one fail, those behind it are still there for the next turn.
            for (int i = 0; i < more; i++) {
                apply(mailbox.remove(), now);
            }
        }
        watchSteps(now);
        scheduleIfUp(now);
    }

    private void apply(EngineEvent event, long now) {
        if (event instanceof EngineEvent.Submitted submitted) {
            submitted(submitted);
        } else if (event instanceof EngineEvent.Cancelled cancelled) {
            scheduler.cancel(cancelled.requestId());
        } else if (event instanceof EngineEvent.StepDone done) {
            stepDone(done.result(), now);
        } else if (event instanceof EngineEvent.PipelineLost lost) {
            lost(lost.cause());
        } else if (event instanceof EngineEvent.StatsAsked asked) {
            asked.stats().complete(scheduler.stats());
        } else {
            stopNow();
        }
    }

    private void submitted(EngineEvent.Submitted submitted) {
        if (isUp()) {
            scheduler.submit(submitted.request(), submitted.listener());
        } else {
            new Output(submitted.listener())
                    .failed(new Failure(Reason.LOST_BEFORE_OUTPUT, "the engine takes no requests"));
        }
    }

    private void stepDone(StepResult result, long now) {
        if (isUp()) {
            try {
                scheduler.accept(result, now);
            } catch (IllegalArgumentException e) {
                giveUp(String.valueOf(e.getMessage()));
            }
        }
    }

    private void watchSteps(long now) {
        Optional<Long> overdue = isUp() ? scheduler.overdue(now) : Optional.empty();
        if (overdue.isPresent()) {
            giveUp("step " + overdue.get() + " got no result in time");
        }
    }

    private void giveUp(String cause) {
        if (isUp()) {
            lost(cause);
            sink.lost(cause);
        }
    }

    private void scheduleIfUp(long now) {
        if (isUp()) {
            scheduler.schedule(now);
        }
    }

    private void lost(String cause) {
        if (isUp()) {
            logger.warn("pipeline lost: {}", cause);
            state = State.LOST;
            scheduler.lost(cause);
        }
    }

    private boolean isUp() {
        return state == State.SERVING;
    }

    private void stopNow() {
        state = State.STOPPED;
        scheduler.failAll(new Failure(Reason.CANCELLED, "the engine stops"));
    }
}
