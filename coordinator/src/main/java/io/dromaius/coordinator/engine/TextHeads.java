package io.dromaius.coordinator.engine;

import com.google.common.primitives.ImmutableIntArray;
import io.dromaius.coordinator.engine.HeadRequest.TokenDraw;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Turns text options and what has been generated into the head request of the next token. */
final class TextHeads {
    private final TextOptions options;
    private final EngineModel model;
    private final ChoiceTrie choices;

    TextHeads(TextOptions options, EngineModel model) {
        this.options = options;
        this.model = model;
        this.choices = ChoiceTrie.of(options.choices());
    }

    /** One token, greedy or drawn. */
    HeadRequest token(List<Integer> generated, int candidate) {
        boolean greedy = options.temperature() == 0;
        TokenDraw draw = greedy
                ? null
                : new TokenDraw(
                        options.temperature(),
                        options.topK(),
                        options.topP(),
                        options.seed(),
                        candidate,
                        generated.size());
        return head(generated, false, greedy ? 1 : 0, draw);
    }

    /** The continuations of one beam. */
    HeadRequest beam(List<Integer> generated) {
        return head(generated, true, 2 * options.numBeams(), null);
    }

    boolean constrained() {
        return !options.choices().isEmpty();
    }

    /** Whether a constrained answer can go no further. */
    boolean choiceEnds(List<Integer> generated) {
        return constrained() && choices.allowedAfter(generated).isEmpty();
    }

    private HeadRequest head(
            List<Integer> generated, boolean onLogProbabilities, int candidates, @Nullable TokenDraw draw) {
        boolean needsHistory = options.repetitionPenalty() != 1 || options.noRepeatNgramSize() > 0;
        return new HeadRequest.Text(
                onLogProbabilities,
                needsHistory ? history(generated) : ImmutableIntArray.of(),
                options.repetitionPenalty(),
                options.noRepeatNgramSize(),
                generated.size() < options.minTokens(),
                constrained(),
                constrained() ? choices.allowedAfter(generated) : ImmutableIntArray.of(),
                candidates,
                draw,
                Math.max(0, options.logprobs()),
                ImmutableIntArray.of());
    }

    private ImmutableIntArray history(List<Integer> generated) {
        return ImmutableIntArray.builder(generated.size() + 1)
                .add(model.bos())
                .addAll(generated)
                .build();
    }
}
