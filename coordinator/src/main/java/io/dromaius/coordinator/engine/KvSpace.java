package io.dromaius.coordinator.engine;

import com.google.common.primitives.ImmutableIntArray;
import io.dromaius.coordinator.kv.BlockCopy;
import io.dromaius.coordinator.kv.BlockPool;
import io.dromaius.coordinator.kv.BlockTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Gives sequences their KV and knows, for every sequence that has one, which table the shards were last told, so that a
 * step carries differences only.
 */
final class KvSpace {
    private final BlockPool pool;
    private final int blockSize;
    private final Map<Long, ImmutableIntArray> told = new HashMap<>();
    private final List<Long> released = new ArrayList<>();
    private long lastId;

    KvSpace(BlockPool pool, int blockSize) {
        this.pool = pool;
        this.blockSize = blockSize;
    }

    BlockPool pool() {
        return pool;
    }

    int blockSize() {
        return blockSize;
    }

    /** Gives a sequence an empty table. */
    void open(Sequence sequence) {
        sequence.giveKv(++lastId, 0, new BlockTable(pool, blockSize), 0);
    }

    /** Gives {@code child} the KV of the first {@code positions} positions of {@code parent}. */
    void fork(Sequence child, Sequence parent, int positions) {
        child.giveKv(++lastId, parent.id(), parent.table().fork(positions), positions);
    }

    /**
     * Lets the sequences {@code next[i]}, each forked from {@code parents[i]}, take the place of {@code previous}. One
     * that goes on where it was keeps its id. The others get new ones, for an id whose table is out of date would hold
     * blocks at the shards that others may be given here.
     */
    void succeed(List<Sequence> previous, List<Sequence> next, List<Sequence> parents) {
        List<Sequence> ended = new ArrayList<>(previous);
        for (int i = 0; i < next.size(); i++) {
            Sequence parent = parents.get(i);
            boolean goesOn = i < previous.size() && parent == previous.get(i);
            long id = goesOn ? parent.id() : ++lastId;
            next.get(i).giveKv(id, parent.id(), parent.table().fork(parent.computed()), parent.computed());
            if (goesOn) {
                ended.remove(parent);
            }
        }
        ended.forEach(this::release);
        previous.forEach(Sequence::dropKv);
    }

    /** Takes a sequence's KV away, if it has one; the next step tells the shards. */
    void drop(Sequence sequence) {
        if (sequence.hasKv()) {
            sequence.dropKv();
            release(sequence);
        }
    }

    private void release(Sequence sequence) {
        if (told.containsKey(sequence.id())) {
            released.add(sequence.id());
        }
    }

    boolean hasReleased() {
        return !released.isEmpty();
    }

    /** Describes a step that feeds this, from the tables as they are before it; the shards count as told. */
    StepPlan describe(long step, List<BlockCopy> copies, List<Feed> feeds, List<HeadRow> heads) {
        Map<Long, ImmutableIntArray> described = new HashMap<>();
        List<SliceRows> slices = new ArrayList<>(feeds.size());
        for (Feed feed : feeds) {
            ImmutableIntArray table = feed.sequence().table().blocks();
            slices.add(slice(feed, table));
            described.put(feed.sequence().id(), table);
        }
        StepPlan plan = new StepPlan(step, copies, slices, released, heads);
        told.keySet().removeAll(released);
        told.putAll(described);
        released.clear();
        return plan;
    }

    private SliceRows slice(Feed feed, ImmutableIntArray table) {
        Sequence sequence = feed.sequence();
        int kept = commonPrefix(table, told.get(sequence.id()));
        int keptOfParent = commonPrefix(table, told.get(sequence.parent()));
        boolean fromParent = keptOfParent > kept;
        kept = fromParent ? keptOfParent : kept;
        return new SliceRows(
                sequence.id(),
                fromParent ? sequence.parent() : 0,
                kept,
                table.subArray(kept, table.length()),
                feed.from(),
                feed.rows(),
                feed.decoded(),
                sequence.inputs().slice(feed.from(), feed.to()));
    }

    private static int commonPrefix(ImmutableIntArray table, @Nullable ImmutableIntArray other) {
        int length = other == null ? 0 : Math.min(table.length(), other.length());
        int common = 0;
        while (other != null && common < length && table.get(common) == other.get(common)) {
            common++;
        }
        return common;
    }
}
