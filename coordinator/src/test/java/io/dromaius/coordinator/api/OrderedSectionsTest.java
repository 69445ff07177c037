package io.dromaius.coordinator.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.dromaius.proto.v1.GenerateResponse;
import io.dromaius.proto.v1.ImageChunk;
import io.dromaius.proto.v1.ImageDone;
import io.dromaius.proto.v1.ImagePreview;
import io.dromaius.proto.v1.ImageProgress;
import io.dromaius.proto.v1.ImageStarted;
import io.dromaius.proto.v1.TextDelta;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class OrderedSectionsTest {
    private final List<String> told = new ArrayList<>();
    private final OrderedSections sections = new OrderedSections(event -> told.add(said(event)));

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

    @Test
    void whatWaitsOfAPictureIsNoMoreThanHowFarItIsAndItsEnd() {
        OrderedSections.Section first = sections.open();
        OrderedSections.Section second = sections.open();
        second.tell(GenerateResponse.newBuilder().setImageStarted(ImageStarted.getDefaultInstance()));
        for (int step = 1; step <= 500; step++) {
            second.tell(progress(step));
            second.tell(preview(step));
        }
        second.tell(GenerateResponse.newBuilder().setImageChunk(ImageChunk.getDefaultInstance()));
        second.tell(GenerateResponse.newBuilder().setImageDone(ImageDone.getDefaultInstance()));
        second.end();

        first.end();

        assertThat(told).containsExactly("IMAGE_STARTED", "progress 500", "IMAGE_CHUNK", "IMAGE_DONE");
    }

    @Test
    void aPictureShowsPreviewsFromItsTurnOn() {
        OrderedSections.Section first = sections.open();
        OrderedSections.Section second = sections.open();
        second.tell(preview(1));
        first.end();
        second.tell(preview(2));

        assertThat(told).containsExactly("preview 2");
    }

    private static String said(GenerateResponse.Builder event) {
        return switch (event.getEventCase()) {
            case TEXT -> event.getText().getText();
            case IMAGE_PROGRESS -> "progress " + event.getImageProgress().getStep();
            case IMAGE_PREVIEW -> "preview " + event.getImagePreview().getStep();
            default -> event.getEventCase().name();
        };
    }

    private static GenerateResponse.Builder progress(int step) {
        return GenerateResponse.newBuilder()
                .setImageProgress(ImageProgress.newBuilder().setStep(step));
    }

    private static GenerateResponse.Builder preview(int step) {
        return GenerateResponse.newBuilder()
                .setImagePreview(ImagePreview.newBuilder().setStep(step));
    }

    private static GenerateResponse.Builder event(String text) {
        return GenerateResponse.newBuilder().setText(TextDelta.newBuilder().setText(text));
    }
}
