package io.dromaius.coordinator.engine;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.ImmutableIntArray;
import java.util.List;

/** What to do with a prompt. */
public sealed interface GenerationTask {
    /**
     * Goes on with text.
     *
     * @param pictures whether [IMG] opens a picture: its 32 embeddings are generated, handed over, and the text goes on
     *     behind them. Otherwise [IMG] is an ordinary id. Only with one candidate and no beams.
     */
    record Generate(TextOptions text, boolean pictures) implements GenerationTask {
        public Generate {
            checkArgument(!pictures || text.sequences() == 1, "pictures with several candidates");
        }
    }

    /** Generates the embeddings of one picture right behind the prompt, whose last id is [IMG]. */
    record Draw() implements GenerationTask {}

    /**
     * The log-probability of every token of every candidate, each read behind the prompt.
     *
     * @param candidates ids without BOS or end of sequence, none empty
     */
    record Score(List<ImmutableIntArray> candidates) implements GenerationTask {
        public Score {
            candidates = List.copyOf(candidates);
            checkArgument(!candidates.isEmpty(), "no candidates");
            for (ImmutableIntArray candidate : candidates) {
                checkArgument(!candidate.isEmpty(), "an empty candidate");
            }
        }

        /** Tokens of the longest candidate. */
        int longest() {
            return candidates.stream().mapToInt(ImmutableIntArray::length).max().orElseThrow();
        }
    }
}
