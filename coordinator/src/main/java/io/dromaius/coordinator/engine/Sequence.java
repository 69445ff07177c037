package io.dromaius.coordinator.engine;

import static com.google.common.base.Preconditions.checkNotNull;

import io.dromaius.coordinator.kv.BlockTable;
import org.jspecify.annotations.Nullable;

/**
 * One line of positions and how far its KV has been computed. Its KV, while it has one, is known to the shards by
 * {@link #id}; a sequence that lost its KV to preemption gets a new id with the next.
 */
final class Sequence {
    private final Inputs inputs;
    private @Nullable BlockTable table;
    private long id;
    private long parent;
    private int computed;

    Sequence(Inputs inputs) {
        this.inputs = inputs;
    }

    Inputs inputs() {
        return inputs;
    }

    int length() {
        return inputs.length();
    }

    /** Positions sent to the shards; the rest is pending. */
    int computed() {
        return computed;
    }

    int pending() {
        return inputs.length() - computed;
    }

    void advance(int rows) {
        computed += rows;
    }

    boolean hasKv() {
        return table != null;
    }

    BlockTable table() {
        return checkNotNull(table, "sequence without KV");
    }

    long id() {
        return id;
    }

    /** The sequence whose table this one's began as; the shards are told of it to save the list. */
    long parent() {
        return parent;
    }

    void giveKv(long newId, long newParent, BlockTable newTable, int newComputed) {
        id = newId;
        parent = newParent;
        table = newTable;
        computed = newComputed;
    }

    /** Gives the blocks back; every position is pending again. */
    void dropKv() {
        if (table != null) {
            table.release();
            table = null;
        }
        computed = 0;
    }
}
