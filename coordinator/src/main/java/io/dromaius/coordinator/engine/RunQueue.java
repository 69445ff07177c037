package io.dromaius.coordinator.engine;

import java.util.Comparator;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;

/** The requests in the engine, oldest first: those that wait for KV and those that run. */
final class RunQueue {
    private static final Comparator<SequenceGroup> BY_ARRIVAL = Comparator.comparingLong(SequenceGroup::arrival);

    private final TreeSet<SequenceGroup> waiting = new TreeSet<>(BY_ARRIVAL);
    private final TreeSet<SequenceGroup> running = new TreeSet<>(BY_ARRIVAL);
    private long preemptions;

    void add(SequenceGroup group) {
        waiting.add(group);
    }

    void start(SequenceGroup group) {
        waiting.remove(group);
        running.add(group);
    }

    void remove(SequenceGroup group) {
        waiting.remove(group);
        running.remove(group);
    }

    Optional<SequenceGroup> oldestWaiting() {
        return waiting.isEmpty() ? Optional.empty() : Optional.of(waiting.first());
    }

    /** Puts the youngest running request that arrived after {@code group} and may be preempted back into the queue. */
    boolean preemptYoungestAfter(SequenceGroup group, Predicate<SequenceGroup> mayBe) {
        for (SequenceGroup victim : running.descendingSet()) {
            if (victim == group) {
                return false;
            }
            if (mayBe.test(victim)) {
                running.remove(victim);
                waiting.add(victim);
                victim.preempt();
                preemptions++;
                return true;
            }
        }
        return false;
    }

    SortedSet<SequenceGroup> waiting() {
        return waiting;
    }

    SortedSet<SequenceGroup> running() {
        return running;
    }

    int runningSequences() {
        int sequences = 0;
        for (SequenceGroup group : running) {
            sequences += group.sequences().size();
        }
        return sequences;
    }

    long preemptions() {
        return preemptions;
    }
}
