package io.dromaius.coordinator.api;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.ImmutableIntArray;
import io.dromaius.coordinator.engine.InputRun;
import io.dromaius.coordinator.vision.Media;
import io.dromaius.coordinator.vision.VisualEmbeddings;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * A tokenized prompt and the media whose embeddings take the place of its {@code <image>} ids.
 *
 * @param ids BOS first
 * @param slots index of the first of each picture's consecutive {@code <image>} ids
 * @param media in order; a video fills as many slots as it has frames
 */
record PromptInput(ImmutableIntArray ids, ImmutableIntArray slots, List<Part> media) {
    /**
     * A picture or video.
     *
     * @param field where the client sent it, for refusals
     */
    record Part(String field, Media media) {}

    PromptInput {
        media = List.copyOf(media);
        int pictures = media.stream().mapToInt(part -> part.media().pictures()).sum();
        checkArgument(pictures == slots.length(), "%s pictures for %s slots", pictures, slots.length());
    }

    int tokens() {
        return ids.length();
    }

    int pictures() {
        return slots.length();
    }

    long dataBytes() {
        return media.stream().mapToLong(part -> part.media().data().size()).sum();
    }

    /** The same without the bytes of the media, once these are encoded. */
    PromptInput withoutData() {
        List<Part> emptied = media.stream()
                .map(part -> new Part(part.field(), part.media().withoutData()))
                .toList();
        return new PromptInput(ids, slots, emptied);
    }

    /** What the engine is fed: ids, with the rows of {@code embeddings} (one entry for each of the media) in the slots. */
    List<InputRun> runs(List<VisualEmbeddings> embeddings) {
        List<InputRun> runs = new ArrayList<>();
        int at = 0;
        int slot = 0;
        for (VisualEmbeddings visual : embeddings) {
            ByteBuffer rows = visual.data();
            int pictureBytes = visual.bytes() / visual.pictures();
            for (int picture = 0; picture < visual.pictures(); picture++) {
                int start = slots.get(slot++);
                if (start > at) {
                    runs.add(new InputRun.Ids(ids.subArray(at, start)));
                }
                ByteBuffer vectors =
                        rows.slice(picture * pictureBytes, pictureBytes).order(ByteOrder.LITTLE_ENDIAN);
                runs.add(new InputRun.Vectors(vectors, visual.tokens()));
                at = start + visual.tokens();
            }
        }
        if (at < ids.length()) {
            runs.add(new InputRun.Ids(ids.subArray(at, ids.length())));
        }
        return runs;
    }
}
