package io.dromaius.coordinator.api;

import com.google.common.primitives.ImmutableIntArray;
import io.dromaius.model.text.SpecialTokens;
import io.dromaius.proto.v1.Choice;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * The ids of a request's choices, which the engine keeps as long as the answer is generated, each id as a node of a
 * trie: so they are bounded, one by one and together. Stateless.
 */
final class ChoiceIds {
    private final Function<String, int[]> tokenizer;
    private final int longestPiece;
    private final RequestLimits limits;

    /**
     * Choices given as text are tokenized without BOS by {@code tokenizer}.
     *
     * @param longestPiece characters of its longest token
     */
    ChoiceIds(Function<String, int[]> tokenizer, int longestPiece, RequestLimits limits) {
        this.tokenizer = tokenizer;
        this.longestPiece = longestPiece;
        this.limits = limits;
    }

    /**
     * The ids of each choice, end of sequence behind those of a text.
     *
     * @throws io.grpc.StatusRuntimeException INVALID_ARGUMENT if a choice is longer than the context, or all are longer
     *     together than they may be
     */
    List<ImmutableIntArray> of(List<Choice> choices) {
        List<ImmutableIntArray> ids = new ArrayList<>();
        long together = 0;
        for (int i = 0; i < choices.size(); i++) {
            ImmutableIntArray choice = idsOf("text.choices[" + i + "]", choices.get(i));
            together += choice.length();
            if (together > limits.choiceIds()) {
                throw RequestValidator.overLimit(
                        "text.choices", together + " ids in the first " + (i + 1), limits.choiceIds());
            }
            ids.add(choice);
        }
        return ids;
    }

    private ImmutableIntArray idsOf(String field, Choice choice) {
        return choice.hasIds()
                ? within(
                        field + ".ids", ImmutableIntArray.copyOf(choice.getIds().getIdsList()))
                : within(field + ".text", tokenized(field + ".text", choice.getText()));
    }

    private ImmutableIntArray tokenized(String field, String text) {
        long most = (long) limits.context() * longestPiece;
        if (text.length() > most) {
            throw RequestValidator.overLimit(field, text.length() + " characters", most);
        }
        return ImmutableIntArray.builder()
                .addAll(ImmutableIntArray.copyOf(tokenizer.apply(text)))
                .add(SpecialTokens.END_OF_SEQUENCE)
                .build();
    }

    private ImmutableIntArray within(String field, ImmutableIntArray ids) {
        if (ids.length() > limits.context()) {
            throw RequestValidator.overLimit(field, ids.length() + " ids", limits.context());
        }
        return ids;
    }
}
