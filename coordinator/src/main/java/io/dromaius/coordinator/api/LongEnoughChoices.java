package io.dromaius.coordinator.api;

import com.google.common.primitives.ImmutableIntArray;
import io.dromaius.model.text.SpecialTokens;
import io.dromaius.node.rpc.Failures;
import java.util.List;

/** The choices that an answer can be which must not end before {@code min_tokens}. Pure functions. */
final class LongEnoughChoices {
    private LongEnoughChoices() {}

    /**
     * Those of {@code choices} that are long enough. The others are no answers: begun, they could not be ended.
     *
     * @throws io.grpc.StatusRuntimeException INVALID_ARGUMENT if there are choices, but none is long enough
     */
    static List<ImmutableIntArray> of(List<ImmutableIntArray> choices, int minTokens) {
        List<ImmutableIntArray> longEnough =
                choices.stream().filter(choice -> tokens(choice) >= minTokens).toList();
        if (longEnough.isEmpty() && !choices.isEmpty()) {
            int longest =
                    choices.stream().mapToInt(LongEnoughChoices::tokens).max().orElseThrow();
            throw Failures.badField(
                    "text.min_tokens", "must be at most " + longest + ", the tokens of the longest of the choices");
        }
        return longEnough;
    }

    /** Tokens before the end of sequence, which {@code min_tokens} does not count. */
    private static int tokens(ImmutableIntArray choice) {
        int end = choice.indexOf(SpecialTokens.END_OF_SEQUENCE);
        return end < 0 ? choice.length() : end;
    }
}
