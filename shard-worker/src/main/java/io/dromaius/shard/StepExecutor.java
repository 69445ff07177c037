package io.dromaius.shard;

import com.google.common.util.concurrent.ThreadFactoryBuilder;
import io.dromaius.node.Node;
import io.dromaius.node.rpc.FailureCode;
import io.dromaius.node.rpc.Failures;
import io.grpc.StatusRuntimeException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The one thread that computes: every native tensor of this process is made and used on it. Tasks run in the order
 * in which they were given. A native engine keeps a team of threads for each Java thread that calls it, so a second
 * thread would not only need locks but also fight over the cores.
 */
final class StepExecutor implements Node.Part {
    private static final long CLOSE_SECONDS = 8;

    private final String member;
    private final ThreadPoolExecutor thread;

    /**
     * An executor with nothing to do.
     *
     * @param member this process, for messages
     * @param onDeath told when the thread dies of an {@link Error}
     */
    StepExecutor(String member, Thread.UncaughtExceptionHandler onDeath) {
        this.member = member;
        this.thread = new ThreadPoolExecutor(
                1,
                1,
                0,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                new ThreadFactoryBuilder()
                        .setNameFormat("device-0")
                        .setDaemon(true)
                        .setUncaughtExceptionHandler(onDeath)
                        .build());
    }

    /**
     * Runs the task after those given before. Any thread; never waits.
     *
     * @throws StatusRuntimeException DRAINING once the executor is closed
     */
    void execute(Runnable task) {
        try {
            thread.execute(task);
        } catch (RejectedExecutionException e) {
            throw Failures.of(FailureCode.DRAINING, "shard " + member + " is stopped")
                    .info("member", member)
                    .cause(e)
                    .build();
        }
    }

    /** Lets the tasks given so far finish. */
    @Override
    public void close() throws InterruptedException {
        thread.shutdown();
        if (!thread.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException("a step is still running after " + CLOSE_SECONDS + " s");
        }
    }
}
