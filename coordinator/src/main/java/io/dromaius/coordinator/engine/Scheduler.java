package io.dromaius.coordinator.engine;

import io.dromaius.coordinator.engine.Failure.Reason;
import io.dromaius.coordinator.kv.BlockPool;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Owns the requests of one pipeline: takes them in, forms their steps, takes the results, ends them. Time comes in with
 * each call, in nanoseconds of one ticker.
 */
final class Scheduler {
    private static final Logger logger = LoggerFactory.getLogger(Scheduler.class);
    private static final Failure NOT_FINITE =
            new Failure(Reason.NOT_FINITE, "what the model computed for this request is not finite");

    private final EngineModel model;
    private final TextStream.Factory texts;
    private final StepSink sink;
    private final KvSpace kv;
    private final RunQueue queue = new RunQueue();
    private final Capacity capacity;
    private final StepFormer former;
    private final StepWindow window;
    private final Map<String, SequenceGroup> groups = new HashMap<>();
    private final TreeSet<SequenceGroup> byDeadline = new TreeSet<>(
            Comparator.comparingLong((SequenceGroup group) -> group.request().deadlineNanos())
                    .thenComparingLong(SequenceGroup::arrival));
    private long arrivals;
    private long rows;
    private long generatedTokens;
    private int shardBlocksInUse;

    Scheduler(EngineConfig config, EngineModel model, TextStream.Factory texts, StepSink sink) {
        this.model = model;
        this.texts = texts;
        this.sink = sink;
        kv = new KvSpace(new BlockPool(config.blocks()), config.blockSize());
        capacity = new Capacity(config, model, kv);
        former = new StepFormer(config, queue, kv);
        window = new StepWindow(config);
    }

    void submit(GenerationRequest request, GenerationListener listener) {
        Output output = new Output(listener);
        Optional<Failure> refusal = groups.containsKey(request.id())
                ? Optional.of(new Failure(Reason.INTERNAL, "request id " + request.id() + " is in use"))
                : capacity.refusal(request);
        if (refusal.isPresent()) {
            output.failed(refusal.get());
            return;
        }
        SequenceGroup group = new SequenceGroup(request, ++arrivals, decoder(request), output, kv);
        groups.put(request.id(), group);
        byDeadline.add(group);
        queue.add(group);
    }

    void cancel(String id) {
        SequenceGroup group = groups.get(id);
        if (group != null) {
            fail(group, new Failure(Reason.CANCELLED, "cancelled"));
        }
    }

    /**
     * Takes the result of the oldest step in flight.
     *
     * @throws IllegalArgumentException if it is not that step's
     */
    void accept(StepResult result, long now) {
        List<GroupReadings> readings = window.accept(result, now);
        shardBlocksInUse = result.blocksInUse();
        for (GroupReadings each : readings) {
            if (!each.group().ended()) {
                accept(each.group(), each.readings());
            }
        }
    }

    private void accept(SequenceGroup group, List<Reading> readings) {
        if (!readings.stream().allMatch(reading -> reading.row().isFinite())) {
            fail(group, NOT_FINITE);
            return;
        }
        boolean scores = group.request().task() instanceof GenerationTask.Score;
        generatedTokens += scores ? 0 : readings.size();
        try {
            if (group.accept(readings)) {
                end(group);
            } else if (group.output().defect() != null) {
                fail(
                        group,
                        new Failure(
                                Reason.INTERNAL,
                                "the listener failed: " + group.output().defect()));
            }
        } catch (RuntimeException e) {
            logger.error("request {} ends by a defect", group.request().id(), e);
            fail(group, new Failure(Reason.INTERNAL, e.toString()));
        }
    }

    /** One round: whoever is late ends, whoever fits begins, and the window is filled with steps. */
    void schedule(long now) {
        expire(now);
        capacity.admit(queue);
        sendSteps(now);
    }

    /** Ends every request. */
    void failAll(Failure failure) {
        for (SequenceGroup group : new ArrayList<>(groups.values())) {
            fail(group, failure);
        }
    }

    /** Ends every request, and says of each whether it may be retried. */
    void lost(String cause) {
        window.clear();
        for (SequenceGroup group : new ArrayList<>(groups.values())) {
            boolean heard = group.output().heard();
            fail(group, new Failure(heard ? Reason.LOST_AFTER_OUTPUT : Reason.LOST_BEFORE_OUTPUT, cause));
        }
    }

    /** The step that should have been answered by now. */
    Optional<Long> overdue(long now) {
        return window.overdue(now);
    }

    /** Nanoseconds until time alone has something to do here, at most {@code most}. */
    long nanosUntilNext(long now, long most) {
        long wait = Math.min(most, window.nanosUntilOverdue(now));
        return byDeadline.isEmpty()
                ? wait
                : Math.min(wait, Math.max(0, byDeadline.first().request().deadlineNanos() - now));
    }

    EngineStats stats() {
        long queuedTokens = 0;
        for (SequenceGroup group : queue.waiting()) {
            queuedTokens += group.promptLength();
        }
        return new EngineStats(
                queue.waiting().size(),
                queuedTokens,
                queue.running().size(),
                queue.runningSequences(),
                kv.pool().size(),
                kv.pool().inUse(),
                shardBlocksInUse,
                window.inFlight(),
                window.sent(),
                rows,
                generatedTokens,
                queue.preemptions());
    }

    private void expire(long now) {
        while (!byDeadline.isEmpty() && byDeadline.first().request().deadlineNanos() <= now) {
            fail(byDeadline.first(), new Failure(Reason.DEADLINE_EXCEEDED, "deadline exceeded"));
        }
    }

    private void sendSteps(long now) {
        while (window.free() > 0) {
            StepDraft draft = former.form(window.sent() + 1, window.free());
            // A step without rows still tells the shards whose blocks are free.
            if (draft.rows() == 0 && !kv.hasReleased()) {
                return;
            }
            StepPlan plan = draft.plan();
            window.add(plan, draft.readings(), now);
            rows += plan.rows();
            sink.send(plan);
        }
    }

    private void fail(SequenceGroup group, Failure failure) {
        end(group);
        group.output().failed(failure);
    }

    private void end(SequenceGroup group) {
        group.end();
        queue.remove(group);
        byDeadline.remove(group);
        groups.remove(group.request().id());
    }

    private Decoder decoder(GenerationRequest request) {
        if (request.task() instanceof GenerationTask.Generate generate) {
            TextOptions text = generate.text();
            return text.numBeams() > 1
                    ? new BeamDecoder(text, capacity.maxTokens(request, text), model, texts)
                    : new SamplingDecoder(generate, model, texts);
        }
        return request.task() instanceof GenerationTask.Score score
                ? new ScoreDecoder(score.candidates())
                : new DrawDecoder(model);
    }
}
