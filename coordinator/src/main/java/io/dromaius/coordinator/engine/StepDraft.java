package io.dromaius.coordinator.engine;

import io.dromaius.coordinator.kv.BlockCopy;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A step while it is being put together. */
final class StepDraft {
    private final long step;
    private final KvSpace kv;
    private final List<BlockCopy> copies = new ArrayList<>();
    private final List<Feed> feeds = new ArrayList<>();
    private final List<HeadRow> heads = new ArrayList<>();
    private final List<PendingReading> readings = new ArrayList<>();
    private final Set<SequenceGroup> groups = new HashSet<>();
    private int rows;

    StepDraft(long step, KvSpace kv) {
        this.step = step;
        this.kv = kv;
    }

    int rows() {
        return rows;
    }

    boolean contains(SequenceGroup group) {
        return groups.contains(group);
    }

    /** Takes rows of a group; the pool has the blocks they need. */
    void add(SequenceGroup group, List<Feed> groupFeeds) {
        int readingsBefore = readings.size();
        for (Feed feed : groupFeeds) {
            Sequence sequence = feed.sequence();
            sequence.table().write(feed.from(), feed.to(), copies);
            for (int position = feed.from(); position < feed.to(); position++) {
                for (HeadRequest head : group.heads(sequence, position)) {
                    heads.add(new HeadRow(rows + position - feed.from(), head));
                    readings.add(new PendingReading(group, sequence, position, head instanceof HeadRequest.Regress));
                }
            }
            rows += feed.rows();
            feeds.add(feed);
        }
        groups.add(group);
        groupFeeds.forEach(feed -> feed.sequence().advance(feed.rows()));
        group.fed(step, readings.size() > readingsBefore);
    }

    List<PendingReading> readings() {
        return readings;
    }

    StepPlan plan() {
        return kv.describe(step, copies, feeds, heads);
    }
}
