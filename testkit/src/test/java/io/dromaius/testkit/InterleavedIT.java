package io.dromaius.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.dromaius.model.tiny.TinyCheckpoint;
import io.dromaius.proto.v1.Finished;
import io.dromaius.proto.v1.GenerateRequest;
import io.dromaius.proto.v1.GenerateResponse;
import io.dromaius.proto.v1.ImageOptions;
import io.dromaius.proto.v1.OutputMode;
import io.dromaius.proto.v1.Part;
import io.dromaius.proto.v1.Prompt;
import io.dromaius.proto.v1.TextOptions;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Text and pictures in one answer: whatever is made at the same time is told in the model's order. */
@Tag("side-by-side")
final class InterleavedIT {
    private static final int SEEDS = 40;
    private static final int MAX_TOKENS = 150;

    @TempDir
    private Path directory;

    @Test
    void aPictureStandsWhereTheModelPutIt() throws Exception {
        try (MiniCluster cluster = MiniCluster.serving(TinyCheckpoint.writePretrain(directory), 2)) {
            cluster.addDecoder();
            List<GenerateResponse> events = List.of();
            // At this temperature every token is about as likely as any other, [IMG] too.
            for (int seed = 0; seed < SEEDS && events.stream().noneMatch(GenerateResponse::hasImageDone); seed++) {
                events = Answer.start(cluster.channel(), request(seed)).events();
            }
            Finished finished = events.get(events.size() - 1).getFinished();
            assertThat(finished.getUsage().getOutputImages()).isPositive();
            check(events, finished);
            cluster.awaitIdle();
        }
    }

    private static void check(List<GenerateResponse> events, Finished finished) {
        StringBuilder text = new StringBuilder();
        int image = -1;
        boolean open = false;
        long bytes = 0;
        for (int i = 0; i < events.size(); i++) {
            GenerateResponse event = events.get(i);
            assertThat(event.getNumber()).isEqualTo(i);
            switch (event.getEventCase()) {
                case TEXT -> {
                    assertThat(open).as("no text amid a picture").isFalse();
                    text.append(event.getText().getText());
                }
                case IMAGE_STARTED -> {
                    assertThat(open).isFalse();
                    open = true;
                    bytes = 0;
                    assertThat(event.getImageStarted().getImage()).isEqualTo(++image);
                }
                case IMAGE_PROGRESS ->
                    assertThat(event.getImageProgress().getImage()).isEqualTo(image);
                case IMAGE_CHUNK -> bytes += event.getImageChunk().getData().size();
                case IMAGE_DONE -> {
                    assertThat(open).isTrue();
                    open = false;
                    assertThat(event.getImageDone().getPngBytes())
                            .isEqualTo(bytes)
                            .isPositive();
                    assertThat(event.getImageDone().getSeed()).isEqualTo(7 + image);
                }
                case STARTED, IMAGE_PREVIEW, FINISHED, EVENT_NOT_SET ->
                    assertThat(open).isFalse();
            }
        }
        assertThat(image + 1).isEqualTo(finished.getUsage().getOutputImages());
        assertThat(text.toString()).isEqualTo(finished.getCandidates(0).getText());
    }

    private static GenerateRequest request(int seed) {
        return GenerateRequest.newBuilder()
                .setPrompt(Prompt.newBuilder().addParts(Part.newBuilder().setText("Draw something.")))
                .addOutputModes(OutputMode.OUTPUT_MODE_TEXT)
                .addOutputModes(OutputMode.OUTPUT_MODE_IMAGE)
                .setText(TextOptions.newBuilder()
                        .setTemperature(50)
                        .setSeed(seed)
                        .setMaxTokens(MAX_TOKENS)
                        .setMinTokens(MAX_TOKENS))
                .setImage(ImageOptions.newBuilder().setSteps(2).setSeed(7))
                .build();
    }
}
