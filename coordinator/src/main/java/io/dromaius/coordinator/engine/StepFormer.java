package io.dromaius.coordinator.engine;

import io.dromaius.coordinator.kv.BlockDemand;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Puts steps together: decodes first, each step taking its share of them so that all slots of the window get alike, then
 * prompt rows, shared out the same way. A decode that a step had no share for is in the next. A request is fed whole or
 * not at all in a decode, so its beams stay together.
 */
final class StepFormer {
    private static final Comparator<SequenceGroup> LONGEST_IDLE_FIRST =
            Comparator.comparingLong(SequenceGroup::lastStep).thenComparingLong(SequenceGroup::arrival);

    private final EngineConfig config;
    private final RunQueue queue;
    private final KvSpace kv;

    StepFormer(EngineConfig config, RunQueue queue, KvSpace kv) {
        this.config = config;
        this.queue = queue;
        this.kv = kv;
    }

    /** The next step when {@code freeSlots} of the window are free; without rows when nothing can run. */
    StepDraft form(long step, int freeSlots) {
        StepDraft draft = new StepDraft(step, kv);
        addDecodes(draft, step, freeSlots);
        addPrefills(draft, freeSlots);
        return draft;
    }

    private void addDecodes(StepDraft draft, long step, int freeSlots) {
        List<SequenceGroup> runnable = new ArrayList<>();
        int runnableRows = 0;
        int activeRows = 0;
        for (SequenceGroup group : queue.running()) {
            if (group.decoding()) {
                activeRows += group.sequences().size();
                if (!group.awaiting()) {
                    runnable.add(group);
                    runnableRows += group.sequences().size();
                }
            }
        }
        runnable.sort(LONGEST_IDLE_FIRST);
        // The second bound evens out steps that have grown unequal.
        int share = Math.min(ceilDiv(runnableRows, freeSlots), ceilDiv(activeRows, config.window()));
        for (SequenceGroup group : runnable) {
            // Nobody is passed over twice, however many have their results at once.
            boolean due = step - group.lastStep() > config.window();
            boolean full = draft.rows() > 0 && draft.rows() + group.sequences().size() > config.maxRows();
            if (full || (draft.rows() >= share && !due)) {
                return;
            }
            // An older one in this loop may have preempted it.
            if (queue.running().contains(group)) {
                tryAdd(draft, group, group.decodeFeeds());
            }
        }
    }

    private void addPrefills(StepDraft draft, int freeSlots) {
        List<SequenceGroup> runnable = new ArrayList<>();
        int runnableRows = 0;
        for (SequenceGroup group : queue.running()) {
            if (!group.awaiting() && !group.decoding() && !draft.contains(group)) {
                runnable.add(group);
                runnableRows += group.prefillRows();
            }
        }
        int share = Math.max(config.tile(), ceilDiv(runnableRows, freeSlots));
        int end = Math.min(config.maxRows(), draft.rows() + share);
        for (SequenceGroup group : runnable) {
            if (draft.rows() >= end) {
                return;
            }
            if (queue.running().contains(group)) {
                tryAdd(draft, group, group.prefillFeeds(end - draft.rows(), config.tile()));
            }
        }
    }

    /**
     * Adds the feeds if their blocks can be found, preempting younger requests if need be. Prompt rows make do with
     * fewer sequences before anybody is preempted; a decode waits for the steps that hold what it needs.
     */
    private void tryAdd(StepDraft draft, SequenceGroup group, List<Feed> feeds) {
        List<Feed> affordable = feeds;
        while (!group.decoding()
                && affordable.size() > 1
                && demand(affordable) > kv.pool().free()) {
            affordable = affordable.subList(0, affordable.size() - 1);
        }
        while (demand(affordable) > kv.pool().free()) {
            if (!queue.preemptYoungestAfter(group, victim -> !victim.awaiting() && !draft.contains(victim))) {
                return;
            }
        }
        if (!affordable.isEmpty()) {
            draft.add(group, affordable);
        }
    }

    private static int demand(List<Feed> feeds) {
        BlockDemand demand = new BlockDemand();
        for (Feed feed : feeds) {
            demand.add(feed.sequence().table(), feed.from(), feed.to());
        }
        return demand.blocks();
    }

    private static int ceilDiv(int dividend, int divisor) {
        return (dividend + divisor - 1) / divisor;
    }
}
