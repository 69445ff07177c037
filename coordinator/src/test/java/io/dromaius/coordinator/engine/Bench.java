package io.dromaius.coordinator.engine;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** An engine loop on the test's own thread with a fake shard behind it, one turn at a time. */
final class Bench implements StepSink {
    static final EngineModel MODEL =
            new EngineModel(ToyModel.BOS, ToyModel.EOS, ToyModel.IMG, ToyModel.END_IMG, 35, 2500);

    private final FakeTicker ticker = new FakeTicker();
    private final Deque<StepPlan> inFlight = new ArrayDeque<>();
    private final List<StepPlan> sent = new ArrayList<>();
    private final List<String> losses = new ArrayList<>();
    private final FakeShard shard;
    private final EngineLoop loop;
    private int requests;

    Bench(EngineConfig config) {
        this(config, MODEL);
    }

    Bench(EngineConfig config, EngineModel model) {
        shard = new FakeShard(config.blocks(), config.blockSize());
        loop = new EngineLoop(config, model, LetterText::new, this, ticker);
    }

    static EngineConfig config(int blocks, int window) {
        return new EngineConfig(blocks, 4, window, 32, 8, 64, Duration.ofSeconds(2), Duration.ZERO);
    }

    @Override
    public void send(StepPlan plan) {
        sent.add(plan);
        inFlight.add(plan);
    }

    @Override
    public void lost(String cause) {
        losses.add(cause);
    }

    EngineLoop loop() {
        return loop;
    }

    FakeTicker ticker() {
        return ticker;
    }

    FakeShard shard() {
        return shard;
    }

    List<StepPlan> sent() {
        return sent;
    }

    List<String> losses() {
        return losses;
    }

    int inFlight() {
        return inFlight.size();
    }

    /** Submits with a deadline far away; returns the listener. */
    RecordingListener submit(String id, List<InputRun> prompt, GenerationTask task) {
        RecordingListener listener = new RecordingListener();
        long deadline = ticker.read() + Duration.ofHours(1).toNanos();
        loop.submit(new GenerationRequest(id, prompt, task, deadline), listener);
        return listener;
    }

    RecordingListener submit(List<InputRun> prompt, GenerationTask task) {
        return submit("request-" + ++requests, prompt, task);
    }

    /** Lets the loop take all events that wait. */
    void turn() {
        try {
            loop.turn(0);
        } catch (InterruptedException e) {
            throw new AssertionError("nobody interrupts a test", e);
        }
    }

    /** Runs the oldest step in flight and posts its result. */
    void answerOldest() {
        loop.onStepDone(shard.run(inFlight.remove()));
    }

    /** The same, but what one head row gave is not finite. */
    void answerOldestNotFinite(int row) {
        StepResult result = shard.run(inFlight.remove());
        List<RowResult> rows = new ArrayList<>(result.rows());
        rows.set(row, new RowResult(0, Float.NaN, List.of(), List.of(), List.of()));
        loop.onStepDone(new StepResult(result.step(), rows, result.vectors(), result.blocksInUse()));
    }

    /** Answers steps one by one until nothing is in flight. */
    void runToEnd() {
        turn();
        while (!inFlight.isEmpty()) {
            answerOldest();
            turn();
        }
    }

    EngineStats stats() {
        CompletableFuture<EngineStats> stats = loop.stats();
        turn();
        return stats.join();
    }
}
