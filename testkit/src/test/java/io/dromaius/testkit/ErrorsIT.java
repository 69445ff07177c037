package io.dromaius.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.rpc.BadRequest;
import com.google.rpc.RetryInfo;
import io.dromaius.model.tiny.TinyCheckpoint;
import io.dromaius.node.rpc.FailureCode;
import io.dromaius.node.rpc.Failures;
import io.dromaius.proto.v1.Chat;
import io.dromaius.proto.v1.Choice;
import io.dromaius.proto.v1.GenerateRequest;
import io.dromaius.proto.v1.Image;
import io.dromaius.proto.v1.ImageOptions;
import io.dromaius.proto.v1.OutputMode;
import io.dromaius.proto.v1.Part;
import io.dromaius.proto.v1.Prompt;
import io.dromaius.proto.v1.TextOptions;
import io.dromaius.proto.v1.Turn;
import io.dromaius.proto.v1.Video;
import io.grpc.Status;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What users do wrong, and what they are told, over the wire. */
@Tag("side-by-side")
final class ErrorsIT {
    @TempDir
    private Path directory;

    @Test
    void everyMistakeIsNamed() throws Exception {
        Path checkpoint = TinyCheckpoint.writePretrain(directory);
        try (MiniCluster cluster = new MiniCluster(checkpoint, "--queue-tokens", "64", "--max-blocks", "20")) {
            Answer early = Answer.start(cluster.channel(), text("hi").build());
            assertThat(early.end().getCode()).as("no pipeline").isEqualTo(Status.Code.UNAVAILABLE);
            assertThat(Failures.detail(early.failure(), RetryInfo.class)).isPresent();

            cluster.addShard();
            cluster.addEncoder();
            cluster.awaitServing(1);
            assertRefused(cluster, "prompt.parts", text(""));
            assertRefused(cluster, "prompt", text("word ".repeat(5000)));
            assertRefused(cluster, "prompt.parts[0].text", text("see <image> here"));
            assertRefused(
                    cluster,
                    "prompt.parts[1].image.data",
                    text("a")
                            .setPrompt(Prompt.newBuilder()
                                    .addParts(Part.newBuilder().setText("a"))
                                    .addParts(Part.newBuilder()
                                            .setImage(Image.newBuilder()
                                                    .setData(ByteString.copyFromUtf8("no picture"))))));
            assertRefused(
                    cluster,
                    "prompt.parts[0].video.data",
                    text("a")
                            .setPrompt(Prompt.newBuilder()
                                    .addParts(Part.newBuilder()
                                            .setVideo(
                                                    Video.newBuilder().setData(ByteString.copyFromUtf8("no video"))))));
            assertRefused(
                    cluster,
                    "text.stop",
                    text("a").setText(TextOptions.newBuilder().setNumBeams(2).addStop("x")));
            assertRefused(
                    cluster,
                    "text.min_tokens",
                    text("a")
                            .setText(TextOptions.newBuilder()
                                    .setMinTokens(100)
                                    .addChoices(Choice.newBuilder().setText("yes"))));
            assertOverLimit( // 20 blocks hold 320 positions
                    cluster,
                    "text.max_tokens",
                    text("a").setText(TextOptions.newBuilder().setMaxTokens(400)));
            assertOverLimit(
                    cluster,
                    "text.num_beams",
                    text("a").setText(TextOptions.newBuilder().setMaxTokens(200).setNumBeams(5)));
            assertOverLimit(
                    cluster,
                    "text.n",
                    text("a")
                            .setText(TextOptions.newBuilder()
                                    .setMaxTokens(200)
                                    .setTemperature(1)
                                    .setN(5)));
            assertRefused(
                    cluster,
                    "text.num_beams",
                    text("a")
                            .addOutputModes(OutputMode.OUTPUT_MODE_IMAGE)
                            .setText(TextOptions.newBuilder().setNumBeams(2)));
            assertRefused(
                    cluster,
                    "chat",
                    GenerateRequest.newBuilder()
                            .setChat(Chat.newBuilder()
                                    .addTurns(Turn.newBuilder()
                                            .setRole(Turn.Role.ROLE_USER)
                                            .addParts(Part.newBuilder().setText("hello")))));

            assertRefused( // by the coordinator: no decoder is there to ask
                    cluster,
                    "image.initial_latents",
                    text("a")
                            .addOutputModes(OutputMode.OUTPUT_MODE_IMAGE)
                            .setImage(ImageOptions.newBuilder().setInitialLatents(ByteString.copyFrom(new byte[16]))));

            Answer other =
                    Answer.start(cluster.channel(), text("a").setModel("llama").build());
            assertThat(other.end().getCode()).isEqualTo(Status.Code.NOT_FOUND);
            Answer drawn = Answer.start(
                    cluster.channel(),
                    text("a").addOutputModes(OutputMode.OUTPUT_MODE_IMAGE).build());
            assertThat(drawn.end().getCode())
                    .as("no decoder worker, said before anything begins")
                    .isEqualTo(Status.Code.UNAVAILABLE);
            assertThat(Failures.detail(drawn.failure(), RetryInfo.class)).isPresent();

            assertThat(Answer.start(cluster.channel(), text("still well").build())
                            .end()
                            .isOk())
                    .isTrue();
            cluster.awaitIdle();
        }
    }

    /** Refused with the limit as a number of its own, the one in the words. */
    private static void assertOverLimit(MiniCluster cluster, String field, GenerateRequest.Builder request)
            throws Exception {
        Throwable failure = assertRefused(cluster, field, request);
        assertThat(Failures.codeOf(failure)).contains(FailureCode.LIMIT_EXCEEDED);
        assertThat(failure)
                .hasMessageContaining(
                        "at most " + Failures.infoOf(failure, "limit").orElseThrow() + " ");
    }

    private static Throwable assertRefused(MiniCluster cluster, String field, GenerateRequest.Builder request)
            throws Exception {
        Answer answer = Answer.start(cluster.channel(), request.build());
        Status status = answer.end();
        assertThat(status.getCode()).as("%s: %s", field, status).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(Failures.detail(answer.failure(), BadRequest.class))
                .hasValueSatisfying(
                        bad -> assertThat(bad.getFieldViolations(0).getField()).isEqualTo(field));
        return answer.failure();
    }

    private static GenerateRequest.Builder text(String text) {
        return GenerateRequest.newBuilder()
                .setPrompt(Prompt.newBuilder().addParts(Part.newBuilder().setText(text)));
    }
}
