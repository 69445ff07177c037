package io.dromaius.coordinator.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.common.primitives.ImmutableIntArray;
import com.google.rpc.BadRequest;
import io.dromaius.model.spec.PictureSpec;
import io.dromaius.model.text.SpecialTokens;
import io.dromaius.node.rpc.FailureCode;
import io.dromaius.node.rpc.Failures;
import io.dromaius.proto.v1.Choice;
import io.dromaius.proto.v1.TokenIds;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** With a tokenizer whose tokens are the characters of a text. */
final class ChoiceIdsTest {
    private static final int CONTEXT = 100;
    private static final int TOGETHER = RequestLimits.CHOICE_CONTEXTS * CONTEXT;
    private static final int END = SpecialTokens.END_OF_SEQUENCE;
    private static final RequestLimits LIMITS =
            new RequestLimits(CONTEXT, 300, 32, new PictureSpec(4, 8, 4, 3), 16, 4, 8, 3, 50);

    private final AtomicInteger tokenized = new AtomicInteger();
    private final ChoiceIds choices = new ChoiceIds(this::tokenize, LIMITS);

    private int[] tokenize(String field, String text) {
        tokenized.incrementAndGet();
        return text.chars().toArray();
    }

    @Test
    void behindATextItEndsAndIdsAreAsTheyAre() {
        assertThat(choices.of(List.of(text("ab"), ids(3))))
                .containsExactly(ImmutableIntArray.of('a', 'b', END), ImmutableIntArray.of(7, 7, 7));
    }

    @Test
    void aTextIsAtMostAsLongAsTheContextItsEndIncluded() {
        assertThat(choices.of(List.of(text("x".repeat(CONTEXT - 1)), ids(CONTEXT))))
                .hasSize(2);

        assertRefused("text.choices[1].text", CONTEXT, text("a"), text("x".repeat(CONTEXT)));
    }

    @Test
    void allChoicesTogetherAreBounded() {
        List<Choice> most = new ArrayList<>(Collections.nCopies(RequestLimits.CHOICE_CONTEXTS, ids(CONTEXT)));
        assertThat(choices.of(most).stream().mapToInt(ImmutableIntArray::length).sum())
                .isEqualTo(TOGETHER);

        most.add(ids(1));
        assertRefused("text.choices", TOGETHER, most.toArray(Choice[]::new));
    }

    @Test
    void whatIsOverTheBoundIsNotTokenizedToItsEnd() {
        Choice longest = text("x".repeat(CONTEXT - 1));

        assertRefused(
                "text.choices",
                TOGETHER,
                Collections.nCopies(RequestLimits.CHOICES, longest).toArray(Choice[]::new));
        assertThat(tokenized).hasValue(RequestLimits.CHOICE_CONTEXTS + 1);
    }

    private void assertRefused(String field, int limit, Choice... given) {
        Throwable refused = catchThrowable(() -> choices.of(List.of(given)));

        assertThat(Failures.codeOf(refused)).contains(FailureCode.LIMIT_EXCEEDED);
        assertThat(Failures.infoOf(refused, "limit")).contains(Integer.toString(limit));
        assertThat(Failures.detail(refused, BadRequest.class))
                .hasValueSatisfying(
                        bad -> assertThat(bad.getFieldViolations(0).getField()).isEqualTo(field));
    }

    private static Choice text(String text) {
        return Choice.newBuilder().setText(text).build();
    }

    private static Choice ids(int count) {
        return Choice.newBuilder()
                .setIds(TokenIds.newBuilder().addAllIds(Collections.nCopies(count, 7)))
                .build();
    }
}
