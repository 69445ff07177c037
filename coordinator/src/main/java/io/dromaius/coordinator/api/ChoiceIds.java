package io.dromaius.coordinator.api;

import com.google.common.primitives.ImmutableIntArray;
import io.dromaius.model.text.SpecialTokens;
import io.dromaius.proto.v1.Choice;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;

/**
 * The ids of a request's choices, which the engine keeps as long as the answer is generated, each id as a node of a
 * trie: so they are bounded, one by one and together. Stateless.
 */
final class ChoiceIds {
    private final BiFunction<String, String, int[]> tokenizer;
    private final RequestLimits limits;

    /**
     * For choices that are checked already.
     *
     * @param tokenizer the ids of the text in a field, by field and text, without BOS
     */
    ChoiceIds(BiFunction<String, String, int[]> tokenizer, RequestLimits limits) {
        this.tokenizer = tokenizer;
        this.limits = limits;
    }

    /**
     * The ids of each choice, end of sequence behind those of a text.
     *
     * @throws io.grpc.StatusRuntimeException INVALID_ARGUMENT if a text is longer than the context, or all choices are
     *     longer together than they may be
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
                ? ImmutableIntArray.copyOf(choice.getIds().getIdsList())
                : idsOfText(field + ".text", choice.getText());
    }

    private ImmutableIntArray idsOfText(String field, String text) {
        ImmutableIntArray ids = ImmutableIntArray.builder()
                .addAll(ImmutableIntArray.copyOf(tokenizer.apply(field, text)))
                .add(SpecialTokens.END_OF_SEQUENCE)
                .build();
        if (ids.length() > limits.context()) {
            throw RequestValidator.overLimit(field, ids.length() + " ids", limits.context());
        }
        return ids;
    }
}
