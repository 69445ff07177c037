package io.dromaius.coordinator.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.dromaius.proto.v1.GenerateResponse;
import io.dromaius.proto.v1.TextDelta;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class OrderedSectionsTest {
    private final List<String> told = new ArrayList<>();
    private final OrderedSections sections =
            new OrderedSections(event -> told.add(event.getText().getText()));

    @Test
    void whatComesEarlyWaitsForItsTurn() {
        OrderedSections.Section first = sections.open();
        first.tell(event("a"));
        first.end();
        OrderedSections.Section picture = sections.open();
        OrderedSections.Section second = sections.open();
        second.tell(event("c"));
        picture.tell(event("b1"));
        second.end();
        OrderedSections.Section third = sections.open();
        third.tell(event("d"));
        assertThat(told).containsExactly("a", "b1");

        picture.tell(event("b2"));
        picture.end();
        third.tell(event("e"));

        assertThat(told).containsExactly("a", "b1", "b2", "c", "d", "e");
    }

    @Test
    void aSectionOpenedBehindEndedOnesHasItsTurnAtOnce() {
        sections.open().end();
        sections.open().tell(event("x"));

        assertThat(told).containsExactly("x");
    }

    private static GenerateResponse.Builder event(String text) {
        return GenerateResponse.newBuilder().setText(TextDelta.newBuilder().setText(text));
    }
}
