package io.dromaius.decoder;

import com.google.common.base.Ticker;
import io.dromaius.model.diffusion.Drawing;
import io.dromaius.model.diffusion.ImageDecoder;
import io.dromaius.model.diffusion.InvalidDrawException;
import io.dromaius.model.diffusion.NotFiniteException;
import io.dromaius.model.diffusion.Picture;
import io.dromaius.node.rpc.FailureCode;
import io.dromaius.node.rpc.Failures;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Pictures being drawn, a UNet call at a time. A call takes every picture of one kind (its size, and how many embeddings
 * it is drawn from) a step further, whatever step each is at; newcomers join before the next call, and kinds take turns.
 * Whoever calls {@link #step} is the compute thread: always the same one.
 */
final class DenoiseQueue implements AutoCloseable {
    private record Running(DrawJob job, Drawing drawing) {}

    private final ImageDecoder decoder;
    private final int batch;
    private final Ticker ticker;
    private final DrawMetrics metrics;
    private final int most;
    private final AtomicInteger admitted = new AtomicInteger();
    private final Queue<DrawJob> waiting = new ConcurrentLinkedQueue<>();
    private final Deque<Running> running = new ArrayDeque<>(); // the longest since its last call first

    /**
     * Draws nothing yet.
     *
     * @param batch most pictures in a call
     * @param capacity most pictures that wait to join
     */
    DenoiseQueue(ImageDecoder decoder, int batch, int capacity, Ticker ticker, DrawMetrics metrics) {
        this.decoder = decoder;
        this.batch = batch;
        this.ticker = ticker;
        this.metrics = metrics;
        this.most = batch + capacity;
    }

    /** What the queue draws with. */
    ImageDecoder decoder() {
        return decoder;
    }

    /** Takes a job if there is room, in a call or in the line. Any thread. */
    boolean offer(DrawJob job) {
        if (admitted.getAndUpdate(count -> Math.min(count + 1, most)) == most) {
            return false;
        }
        return waiting.add(job);
    }

    /** Lets newcomers join, then does one UNet call, if there is anything to draw; whether there was. */
    boolean step() {
        dropCancelled();
        join();
        List<Running> group = nextGroup();
        if (group.isEmpty()) {
            return false;
        }
        try {
            long start = ticker.read();
            decoder.step(group.stream().map(Running::drawing).toList());
            metrics.stepped(group.size(), ticker.read() - start);
        } catch (RuntimeException e) {
            group.forEach(one -> fail(one, e));
            return true;
        }
        group.forEach(this::tell);
        return true;
    }

    /** Fails what is left. On the compute thread. */
    @Override
    public void close() {
        RuntimeException stopped =
                Failures.of(FailureCode.DRAINING, "the decoder is stopped").build();
        for (DrawJob job = waiting.poll(); job != null; job = waiting.poll()) {
            job.failed(stopped);
            ended(DrawMetrics.Outcome.FAILED);
        }
        while (!running.isEmpty()) {
            fail(running.element(), stopped);
        }
    }

    private void dropCancelled() {
        waiting.removeIf(job -> {
            boolean cancelled = job.isCancelled();
            if (cancelled) {
                drop(job);
            }
            return cancelled;
        });
        for (Iterator<Running> iterator = running.iterator(); iterator.hasNext(); ) {
            Running one = iterator.next();
            if (one.job().isCancelled()) {
                iterator.remove();
                one.drawing().close();
                drop(one.job());
            }
        }
    }

    /** One that is begun stays in the line so long: if an Error ends it all, {@link #close} finds it there. */
    private void join() {
        while (running.size() < batch) {
            DrawJob job = waiting.peek();
            if (job == null) {
                return;
            }
            begin(job);
            waiting.remove();
        }
    }

    private void begin(DrawJob job) {
        try {
            running.addLast(new Running(job, job.begin(decoder)));
        } catch (InvalidDrawException e) {
            ended(DrawMetrics.Outcome.FAILED);
            job.failed(Failures.badField(e.field(), e.description()));
        } catch (RuntimeException e) {
            ended(DrawMetrics.Outcome.FAILED);
            job.failed(e);
        }
    }

    /** The pictures of the kind of the one that has waited longest, moved to the end of the line. */
    private List<Running> nextGroup() {
        List<Running> group = new ArrayList<>();
        if (running.isEmpty()) {
            return group;
        }
        Running first = running.element();
        for (Running one : running) {
            if (one.drawing().goesWith(first.drawing())) {
                group.add(one);
            }
        }
        running.removeAll(group);
        running.addAll(group);
        return group;
    }

    private void tell(Running one) {
        try {
            int step = one.drawing().stepsDone();
            if (one.drawing().calls() != 2) { // the second call betters the first step, which was told
                one.job().stepped(step);
            }
            if (one.drawing().isDone()) {
                finish(one);
            } else if (one.drawing().calls() != 2 && one.job().wantsPreview(step)) {
                one.job().previewed(step, decoder.preview(one.drawing()));
            }
        } catch (NotFiniteException e) {
            fail(one, Failures.notFinite(e.what()));
        } catch (RuntimeException e) {
            fail(one, e);
        }
    }

    private void finish(Running one) {
        Picture picture = decoder.finish(one.drawing());
        int calls = one.drawing().calls();
        running.remove(one);
        one.drawing().close();
        ended(picture.flagged() ? DrawMetrics.Outcome.FLAGGED : DrawMetrics.Outcome.DRAWN);
        one.job().done(picture, calls);
    }

    private void fail(Running one, RuntimeException failure) {
        running.remove(one);
        one.drawing().close();
        ended(DrawMetrics.Outcome.FAILED);
        one.job().failed(failure);
    }

    private void drop(DrawJob job) {
        job.dropped();
        ended(DrawMetrics.Outcome.CANCELLED);
    }

    private void ended(DrawMetrics.Outcome outcome) {
        admitted.decrementAndGet();
        metrics.ended(outcome);
    }
}
