package io.dromaius.coordinator.kv;

import static com.google.common.base.Preconditions.checkArgument;

/** Copy of a whole block, on every shard, done before any write of the step that carries it. */
public record BlockCopy(int source, int target) {
    public BlockCopy {
        checkArgument(source >= 0 && target >= 0 && source != target, "copy %s to %s", source, target);
    }
}
