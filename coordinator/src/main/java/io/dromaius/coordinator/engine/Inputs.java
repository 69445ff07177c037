package io.dromaius.coordinator.engine;

import static com.google.common.base.Preconditions.checkPositionIndexes;

import com.google.common.primitives.Ints;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Everything one sequence feeds, in order: the prompt, which forks share, then ids and vectors of its own. */
final class Inputs {
    private final List<InputRun> prompt;
    private final int promptLength;
    private int[] ids;
    // Null where an id is fed; empty as long as only ids are.
    private final List<@Nullable ByteBuffer> vectors;
    private int ownLength;

    Inputs(List<InputRun> prompt, int promptLength) {
        this(prompt, promptLength, new int[16], new ArrayList<>(), 0);
    }

    private Inputs(
            List<InputRun> prompt, int promptLength, int[] ids, List<@Nullable ByteBuffer> vectors, int ownLength) {
        this.prompt = prompt;
        this.promptLength = promptLength;
        this.ids = ids;
        this.vectors = vectors;
        this.ownLength = ownLength;
    }

    Inputs copy() {
        return new Inputs(prompt, promptLength, ids.clone(), new ArrayList<>(vectors), ownLength);
    }

    int length() {
        return promptLength + ownLength;
    }

    int promptLength() {
        return promptLength;
    }

    /** The ids behind the prompt; only where no vector is among them. */
    List<Integer> ownIds() {
        return Ints.asList(Arrays.copyOf(ids, ownLength));
    }

    void append(int id) {
        if (ownLength == ids.length) {
            ids = Arrays.copyOf(ids, 2 * ids.length);
        }
        ids[ownLength++] = id;
    }

    void append(ByteBuffer vector) {
        while (vectors.size() < ownLength) {
            vectors.add(null);
        }
        vectors.add(vector);
        append(-1);
    }

    List<InputRun> slice(int from, int to) {
        checkPositionIndexes(from, to, length());
        List<InputRun> runs = new ArrayList<>();
        int start = 0;
        for (InputRun run : prompt) {
            int first = Math.max(from, start);
            int last = Math.min(to, start + run.length());
            if (first < last) {
                runs.add(run.slice(first - start, last - start));
            }
            start += run.length();
        }
        sliceOwn(Math.max(0, from - promptLength), Math.max(0, to - promptLength), runs);
        return runs;
    }

    private void sliceOwn(int from, int to, List<InputRun> runs) {
        for (int i = from; i < to; ) {
            ByteBuffer vector = vectorAt(i);
            if (vector != null) {
                runs.add(new InputRun.Vectors(vector, 1));
                i++;
            } else {
                int end = i + 1;
                while (end < to && vectorAt(end) == null) {
                    end++;
                }
                runs.add(InputRun.Ids.of(Arrays.copyOfRange(ids, i, end)));
                i = end;
            }
        }
    }

    private @Nullable ByteBuffer vectorAt(int index) {
        return index < vectors.size() ? vectors.get(index) : null;
    }
}
