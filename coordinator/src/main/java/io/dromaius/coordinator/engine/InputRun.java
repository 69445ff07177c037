package io.dromaius.coordinator.engine;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkPositionIndexes;

import com.google.common.primitives.ImmutableIntArray;
import java.nio.ByteBuffer;

/** Consecutive positions fed to the model: token ids, or vectors in place of their embeddings. */
public sealed interface InputRun {
    int length();

    /** Positions [from, to) of this run; shares memory. */
    InputRun slice(int from, int to);

    record Ids(ImmutableIntArray ids) implements InputRun {
        public static Ids of(int... ids) {
            return new Ids(ImmutableIntArray.copyOf(ids));
        }

        @Override
        public int length() {
            return ids.length();
        }

        @Override
        public Ids slice(int from, int to) {
            return new Ids(ids.subArray(from, to));
        }
    }

    /**
     * {@code count} vectors of the model's width in the pipeline's dtype, little-endian, from position 0 to the limit of
     * {@code rows}. The memory belongs to the garbage collector (never pooled) and is not written again.
     */
    record Vectors(ByteBuffer rows, int count) implements InputRun {
        public Vectors {
            checkArgument(count > 0 && rows.limit() % count == 0, "%s bytes in %s vectors", rows.limit(), count);
            rows = rows.asReadOnlyBuffer().rewind();
        }

        @Override
        public int length() {
            return count;
        }

        @Override
        public Vectors slice(int from, int to) {
            checkPositionIndexes(from, to, count);
            int rowBytes = rows.limit() / count;
            return new Vectors(rows.slice(from * rowBytes, (to - from) * rowBytes), to - from);
        }
    }
}
