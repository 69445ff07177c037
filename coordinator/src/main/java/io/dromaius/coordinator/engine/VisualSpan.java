package io.dromaius.coordinator.engine;

import static com.google.common.base.Preconditions.checkState;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** One picture in the making: [IMG] is fed, then each embedding but the last, and each feed gives the next embedding. */
final class VisualSpan {
    private final int picture;
    private final int length;
    private final List<ByteBuffer> embeddings = new ArrayList<>();

    /** A span of {@code length} embeddings. */
    VisualSpan(int picture, int length) {
        this.picture = picture;
        this.length = length;
    }

    /** Takes an embedding; unless it is the last, the sequence feeds it next. */
    void accept(SequenceGroup group, Reading reading) {
        ByteBuffer vector = reading.vector();
        checkState(vector != null && !complete(), "no embedding, or one too many");
        embeddings.add(vector);
        group.output().visualEmbedding(picture, embeddings.size() - 1);
        if (complete()) {
            group.output().picture(picture, concatenated());
        } else {
            reading.sequence().inputs().append(vector);
        }
    }

    boolean complete() {
        return embeddings.size() == length;
    }

    ByteBuffer last() {
        return embeddings.get(embeddings.size() - 1);
    }

    private ByteBuffer concatenated() {
        ByteBuffer all = ByteBuffer.allocate(embeddings.size() * last().limit());
        embeddings.forEach(vector -> all.put(vector.duplicate()));
        return all.flip().asReadOnlyBuffer();
    }
}
