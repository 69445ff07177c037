package io.dromaius.coordinator.api;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.dromaius.node.rpc.FailureCode;
import io.dromaius.node.rpc.Failures;

/**
 * The bound on what waits: prompt tokens of all requests, on all pipelines, that have come and are not running yet. An
 * idle cluster takes a request of any size. Thread-safe.
 */
public final class Admission {
    private final long limitTokens;

    @GuardedBy("this")
    private long queuedTokens;

    @GuardedBy("this")
    private int queued;

    @GuardedBy("this")
    private int running;

    /** Lets at most {@code limitTokens} wait. */
    public Admission(long limitTokens) {
        checkArgument(limitTokens > 0, "limitTokens: %s", limitTokens);
        this.limitTokens = limitTokens;
    }

    /** Admits a request of {@code tokens}, or refuses it with RESOURCE_EXHAUSTED. */
    synchronized Ticket admit(int tokens) {
        if (queued > 0 && queuedTokens + tokens > limitTokens) {
            throw Failures.of(
                            FailureCode.QUEUE_FULL,
                            "the queue is full: " + queuedTokens + " tokens wait, the limit is " + limitTokens)
                    .info("limit", Long.toString(limitTokens))
                    .build();
        }
        queued++;
        queuedTokens += tokens;
        return new Ticket(tokens);
    }

    /** What waits and runs now. */
    public synchronized Load load() {
        return new Load(running, queued, queuedTokens, limitTokens);
    }

    /** Requests and tokens at one moment. */
    public record Load(int running, int queued, long queuedTokens, long limitTokens) {}

    /** An admitted request's place. Close it once, however the request ends. */
    final class Ticket implements AutoCloseable {
        private final int tokens;

        @GuardedBy("Admission.this")
        private Stage stage = Stage.QUEUED;

        private Ticket(int tokens) {
            this.tokens = tokens;
        }

        /** The request runs and no longer counts as waiting; later calls do nothing. */
        void running() {
            synchronized (Admission.this) {
                if (stage == Stage.QUEUED) {
                    leaveQueue();
                    running++;
                    stage = Stage.RUNNING;
                }
            }
        }

        @Override
        public void close() {
            synchronized (Admission.this) {
                checkState(stage != Stage.OVER, "closed twice");
                if (stage == Stage.QUEUED) {
                    leaveQueue();
                } else {
                    running--;
                }
                stage = Stage.OVER;
            }
        }

        @GuardedBy("Admission.this")
        private void leaveQueue() {
            queued--;
            queuedTokens -= tokens;
        }
    }

    private enum Stage {
        QUEUED,
        RUNNING,
        OVER
    }
}
