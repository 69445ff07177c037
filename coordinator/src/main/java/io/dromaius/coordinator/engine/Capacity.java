package io.dromaius.coordinator.engine;

import static io.dromaius.coordinator.kv.BlockTable.blocksFor;

import io.dromaius.coordinator.engine.Failure.Reason;
import java.util.ArrayList;
import java.util.Optional;
import java.util.OptionalInt;

/** What context and KV have room for: which requests can be served at all, and when one that waits may begin. */
final class Capacity {
    private final EngineConfig config;
    private final EngineModel model;
    private final KvSpace kv;
    private final KvRoom room;

    Capacity(EngineConfig config, EngineModel model, KvSpace kv) {
        this.config = config;
        this.model = model;
        this.kv = kv;
        this.room = new KvRoom(config, model);
    }

    /** Why the request could not be served even alone; empty if it could. */
    Optional<Failure> refusal(GenerationRequest request) {
        int fitting = Math.max(0, model.contextLength() - shortestAnswer(request.task()));
        if (request.promptLength() > fitting) {
            return Optional.of(new Failure(
                    Reason.CONTEXT_EXCEEDED,
                    "at most %d positions of a prompt leave room for the answer in the context of %d, not %d"
                            .formatted(fitting, model.contextLength(), request.promptLength()),
                    OptionalInt.of(fitting)));
        }
        return room.refusal(request);
    }

    /** Tokens that may be generated behind the prompt. */
    int maxTokens(GenerationRequest request, TextOptions text) {
        return Math.min(text.maxTokens(), model.contextLength() - request.promptLength());
    }

    /** Lets the oldest waiting requests in while their KV so far fits and leaves the running ones a block each. */
    void admit(RunQueue queue) {
        Optional<SequenceGroup> head = queue.oldestWaiting();
        while (head.isPresent() && fits(head.get(), queue)) {
            SequenceGroup group = head.get();
            queue.start(group);
            kv.open(group.lead());
            // At once, so that the prompt gets adjacent blocks; they are free, so nothing is copied.
            group.lead().table().write(0, group.promptLength(), new ArrayList<>(0));
            group.output().scheduled();
            head = queue.oldestWaiting();
        }
    }

    private boolean fits(SequenceGroup group, RunQueue queue) {
        int running = queue.runningSequences();
        return running == 0
                || (running + group.sequences().size() <= config.maxSequences()
                        && blocksSoFar(group) + running <= kv.pool().free());
    }

    /** Blocks for all that the group has to feed, as if its sequences shared nothing but the prompt. */
    private int blocksSoFar(SequenceGroup group) {
        int shared = group.promptLength() / config.blockSize();
        int blocks = shared;
        int longestOwn = 0;
        for (Sequence sequence : group.sequences()) {
            int own = blocksFor(sequence.length() + 1, config.blockSize()) - shared;
            longestOwn = Math.max(longestOwn, own);
            blocks += own;
        }
        // Sequences that run apart may run one after the other.
        return group.pace() == Decoder.Pace.APART ? shared + 1 + longestOwn : blocks;
    }

    /** The fewest positions that make an answer. */
    private int shortestAnswer(GenerationTask task) {
        if (task instanceof GenerationTask.Draw) {
            return model.visualTokens() - 1;
        }
        return task instanceof GenerationTask.Score score ? score.longest() : 1;
    }
}
