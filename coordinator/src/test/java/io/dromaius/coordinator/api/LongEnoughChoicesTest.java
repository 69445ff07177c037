package io.dromaius.coordinator.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.common.primitives.ImmutableIntArray;
import com.google.rpc.BadRequest;
import io.dromaius.model.text.SpecialTokens;
import io.dromaius.node.rpc.FailureCode;
import io.dromaius.node.rpc.Failures;
import java.util.List;
import org.junit.jupiter.api.Test;

class LongEnoughChoicesTest {
    private static final int END = SpecialTokens.END_OF_SEQUENCE;
    private static final ImmutableIntArray ONE = ImmutableIntArray.of(10, END);
    private static final ImmutableIntArray THREE = ImmutableIntArray.of(11, 12, 13, END);
    private static final ImmutableIntArray TWO_WITHOUT_END = ImmutableIntArray.of(14, 15);

    @Test
    void whatCannotEndBeforeItsLeastLengthIsNoChoice() {
        List<ImmutableIntArray> all = List.of(ONE, THREE, TWO_WITHOUT_END);
        assertThat(LongEnoughChoices.of(all, 0)).isEqualTo(all);
        assertThat(LongEnoughChoices.of(all, 1)).isEqualTo(all);
        assertThat(LongEnoughChoices.of(all, 2)).containsExactly(THREE, TWO_WITHOUT_END);
        assertThat(LongEnoughChoices.of(all, 3)).containsExactly(THREE);
    }

    @Test
    void aLeastLengthBeyondEveryChoiceIsRefusedByName() {
        Throwable refusal = catchThrowable(() -> LongEnoughChoices.of(List.of(ONE, THREE), 4));
        assertThat(Failures.codeOf(refusal)).contains(FailureCode.BAD_REQUEST);
        BadRequest.FieldViolation violation =
                Failures.detail(refusal, BadRequest.class).orElseThrow().getFieldViolations(0);
        assertThat(violation.getField()).isEqualTo("text.min_tokens");
        assertThat(violation.getDescription()).contains("at most 3");
    }

    @Test
    void withoutChoicesAnyLeastLengthWillDo() {
        assertThat(LongEnoughChoices.of(List.of(), 1000)).isEmpty();
    }
}
