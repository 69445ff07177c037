package io.dromaius.client;

import java.util.ArrayList;
import java.util.List;

/**
 * A whole answer.
 *
 * @param requestId as it stands in the cluster's logs
 * @param candidates finished answers; at least one
 * @param pictures drawn, in order
 */
public record Generation(
        String requestId, List<Candidate> candidates, List<Picture> pictures, Usage usage, Timings timings) {
    public Generation {
        candidates = List.copyOf(candidates);
        pictures = List.copyOf(pictures);
        if (candidates.isEmpty()) {
            throw new IllegalArgumentException("an answer has at least one candidate");
        }
    }

    /** Text of the first candidate: the best one with beams. */
    public String text() {
        return candidates.get(0).text();
    }

    /** The first picture. */
    public Picture picture() {
        if (pictures.isEmpty()) {
            throw new IllegalStateException("the answer holds no picture: ask for OutputMode.IMAGE");
        }
        return pictures.get(0);
    }

    /** Gathers the events of one call; not thread-safe. */
    static final class Collector {
        private final List<Picture> pictures = new ArrayList<>();
        private String requestId = "";

        /** Returns the answer once {@code event} is the last one, otherwise null. */
        @org.jspecify.annotations.Nullable
        Generation accept(GenerationEvent event) {
            if (event instanceof GenerationEvent.Started started) {
                requestId = started.requestId();
            } else if (event instanceof GenerationEvent.ImageDone done) {
                pictures.add(done.picture());
            } else if (event instanceof GenerationEvent.Finished finished) {
                return new Generation(requestId, finished.candidates(), pictures, finished.usage(), finished.timings());
            }
            return null;
        }
    }
}
