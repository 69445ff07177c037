package io.dromaius.coordinator.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.protobuf.ByteString;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import io.dromaius.model.spec.PictureSpec;
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
import io.dromaius.proto.v1.RankRequest;
import io.dromaius.proto.v1.TextOptions;
import io.dromaius.proto.v1.TokenIds;
import io.dromaius.proto.v1.Turn;
import io.dromaius.proto.v1.Video;
import io.grpc.Status;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collections;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class RequestValidatorTest {
    private static final RequestLimits LIMITS =
            new RequestLimits(100, 300, 32, new PictureSpec(4, 8, 4, 3), 16, 4, 8, 3, 50);
    private final RequestValidator validator = new RequestValidator("emu", LIMITS);

    @Test
    void whatIsNotSaidIsNotChecked() {
        assertThatCode(() -> validator.check(prompt("hi").build())).doesNotThrowAnyException();
        assertThatCode(() -> validator.check(prompt("hi").setModel("emu").build()))
                .doesNotThrowAnyException();
    }

    @Test
    void anotherModelIsNotFoundAndItsNameNotRepeated() {
        String name = "llama".repeat(10_000); // more than a status may carry
        Throwable refused =
                catchThrowable(() -> validator.check(prompt("hi").setModel(name).build()));

        assertThat(Status.fromThrowable(refused).getCode()).isEqualTo(Status.Code.NOT_FOUND);
        assertThat(refused).hasMessageContaining("emu").hasMessageNotContaining("llama");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void badInputNamesItsField(String field, Consumer<GenerateRequest.Builder> change) {
        GenerateRequest.Builder request = prompt("hi");
        change.accept(request);

        assertRefused(field, () -> validator.check(request.build()));
    }

    static Stream<Arguments> badInputNamesItsField() {
        return Stream.of(
                bad("prompt", GenerateRequest.Builder::clearPrompt),
                bad("prompt.parts", request -> request.setPrompt(Prompt.getDefaultInstance())),
                bad("prompt.parts", request -> request.setPrompt(parts(text(""), text("")))),
                bad(
                        "prompt.parts",
                        request -> request.setPrompt(parts(text("a"), text("b"), text("c"), text("d"), text("e")))),
                bad("prompt.parts[1]", request -> request.setPrompt(parts(text("a"), Part.getDefaultInstance()))),
                bad("prompt.parts[0].image.data", request -> request.setPrompt(parts(image(0)))),
                bad("prompt.parts[0].image.data", request -> request.setPrompt(parts(image(17)))),
                bad("prompt.parts[0].video.data", request -> request.setPrompt(parts(video(0, 8)))),
                bad("prompt.parts[0].video.frames", request -> request.setPrompt(parts(video(4, 0)))),
                bad("prompt.parts[0].video.frames", request -> request.setPrompt(parts(video(4, 65)))),
                bad("chat.turns", request -> request.setChat(Chat.getDefaultInstance())),
                bad(
                        "chat.turns[0].role",
                        request -> request.setChat(
                                Chat.newBuilder().addTurns(Turn.newBuilder().addParts(text("a"))))),
                bad(
                        "chat.turns[0].parts",
                        request -> request.setChat(
                                Chat.newBuilder().addTurns(Turn.newBuilder().setRole(Turn.Role.ROLE_USER)))),
                bad("request_id", request -> request.setRequestId("x".repeat(129))),
                bad("request_id", request -> request.setRequestId("a\nb")),
                bad("output_modes[0]", request -> request.addOutputModes(OutputMode.OUTPUT_MODE_UNSPECIFIED)),
                bad(
                        "image",
                        request -> request.setImage(ImageOptions.newBuilder().setSteps(5))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void badTextOptionsNameTheirField(String field, Consumer<TextOptions.Builder> change) {
        TextOptions.Builder options = TextOptions.newBuilder();
        change.accept(options);

        assertRefused(field, () -> validator.check(prompt("hi").setText(options).build()));
    }

    static Stream<Arguments> badTextOptionsNameTheirField() {
        return Stream.of(
                badText("text.temperature", text -> text.setTemperature(-1)),
                badText("text.temperature", text -> text.setTemperature(Float.NaN)),
                badText("text.top_p", text -> text.setTemperature(1).setTopP(0)),
                badText("text.top_p", text -> text.setTemperature(1).setTopP(1.5f)),
                badText("text.top_p", text -> text.setTopP(0.5f)),
                badText("text.top_k", text -> text.setTopK(5)),
                badText("text.repetition_penalty", text -> text.setRepetitionPenalty(-1)),
                badText("text.repetition_penalty", text -> text.setRepetitionPenalty(0)),
                badText("text.repetition_penalty", text -> text.setRepetitionPenalty(Float.NaN)),
                badText("text.repetition_penalty", text -> text.setRepetitionPenalty(Float.MIN_VALUE)),
                badText("text.repetition_penalty", text -> text.setRepetitionPenalty(1001)),
                badText("text.length_penalty", text -> text.setNumBeams(2).setLengthPenalty(Float.NaN)),
                badText("text.length_penalty", text -> text.setNumBeams(2).setLengthPenalty(-3e38f)),
                badText("text.max_tokens", text -> text.setMaxTokens(0)),
                badText("text.max_tokens", text -> text.setMaxTokens(101)),
                badText("text.min_tokens", text -> text.setMaxTokens(3).setMinTokens(4)),
                badText("text.logprobs", text -> text.setLogprobs(21)),
                badText("text.num_beams", text -> text.setNumBeams(0)),
                badText("text.num_beams", text -> text.setNumBeams(9)),
                badText("text.n", text -> text.setTemperature(1).setN(9)),
                badText("text.n", text -> text.setN(2)),
                badText("text.n", text -> text.setNumBeams(2).setN(3)),
                badText("text.temperature", text -> text.setNumBeams(2).setTemperature(1)),
                badText("text.stop", text -> text.setNumBeams(2).addStop("x")),
                badText("text.stop[0]", text -> text.addStop("")),
                badText("text.logprobs", text -> text.setNumBeams(2).setLogprobs(1)),
                badText("text.length_penalty", text -> text.setLengthPenalty(1)),
                badText("text.choices[0]", text -> text.addChoices(Choice.getDefaultInstance())),
                badText(
                        "text.choices[0].text",
                        text -> text.addChoices(Choice.newBuilder().setText(""))),
                badText(
                        "text.choices[0].ids",
                        text -> text.addChoices(
                                Choice.newBuilder().setIds(TokenIds.newBuilder().addIds(300)))),
                badText("text.choices[1].ids", text -> text.addChoices(choice(100))
                        .addChoices(choice(101))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void badPictureOptionsNameTheirField(String field, Consumer<GenerateRequest.Builder> change) {
        GenerateRequest.Builder request = prompt("hi").addOutputModes(OutputMode.OUTPUT_MODE_IMAGE);
        change.accept(request);

        assertRefused(field, () -> validator.check(request.build()));
    }

    static Stream<Arguments> badPictureOptionsNameTheirField() {
        return Stream.of(
                bad("text.num_beams", request -> request.getTextBuilder().setNumBeams(2)),
                bad(
                        "text.n",
                        request -> request.getTextBuilder().setTemperature(1).setN(2)),
                bad("text.choices", request -> request.getTextBuilder()
                        .addChoices(Choice.newBuilder().setText("yes"))),
                bad("text.stop", request -> request.getTextBuilder().addStop("x")),
                bad("image.guidance_scale", request -> request.getImageBuilder().setGuidanceScale(-1)),
                bad("image.guidance_scale", request -> request.getImageBuilder().setGuidanceScale(Float.NaN)),
                bad("image.guidance_scale", request -> request.getImageBuilder().setGuidanceScale(1e9f)),
                bad("image.steps", request -> request.getImageBuilder().setSteps(0)),
                bad("image.height", request -> request.getImageBuilder().setHeight(98)),
                bad("image.width", request -> request.getImageBuilder().setWidth(4096)),
                bad("image.initial_latents", request -> request.getImageBuilder()
                        .setInitialLatents(ByteString.copyFromUtf8("abc"))),
                bad("image.initial_latents", request -> request.getImageBuilder()
                        .setInitialLatents(latents(3 * 2, Float.NaN))),
                bad("image.initial_latents", request -> request.getImageBuilder()
                        .setInitialLatents(latents(3 * 2, 3e38f))),
                bad("image.initial_latents", request -> request.getImageBuilder()
                        .setInitialLatents(latents(3 * 2 * 2, 0))), // of no picture of the usual size
                bad(
                        "image.initial_latents",
                        request -> request.getImageBuilder().setHeight(8).setInitialLatents(latents(3 * 2, 0))),
                bad("image.initial_latents", request -> request.getImageBuilder()
                        .setHeight(8)
                        .setWidth(12)
                        .setInitialLatents(latents(4 * 2 * 3, 0))));
    }

    @Test
    void latentsOfThePicturesSizeAreTaken() {
        GenerateRequest.Builder request = prompt("hi").addOutputModes(OutputMode.OUTPUT_MODE_IMAGE);
        request.getImageBuilder().setInitialLatents(latents(3 * 2, 3));
        assertThatCode(() -> validator.check(request.build())).doesNotThrowAnyException();

        request.getImageBuilder().setHeight(8).setWidth(12).setInitialLatents(latents(3 * 2 * 3, -3));
        assertThatCode(() -> validator.check(request.build())).doesNotThrowAnyException();
    }

    private static ByteString latents(int count, float value) {
        ByteBuffer bytes = ByteBuffer.allocate(count * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            bytes.putFloat(value);
        }
        return ByteString.copyFrom(bytes.flip());
    }

    @Test
    void stopStringsGoWithTextAndPicturesTogether() {
        GenerateRequest.Builder request = prompt("hi")
                .addOutputModes(OutputMode.OUTPUT_MODE_TEXT)
                .addOutputModes(OutputMode.OUTPUT_MODE_IMAGE)
                .setText(TextOptions.newBuilder().addStop("x"));

        assertThatCode(() -> validator.check(request.build())).doesNotThrowAnyException();
    }

    @Test
    void aChoiceIsAtMostAsLongAsTheContext() {
        Throwable refused = catchThrowable(() -> validator.check(prompt("hi")
                .setText(TextOptions.newBuilder().addChoices(choice(101)))
                .build()));

        assertThat(Failures.codeOf(refused)).contains(FailureCode.LIMIT_EXCEEDED);
        assertThat(Failures.infoOf(refused, "limit")).contains("100");
    }

    @Test
    void aLimitIsToldInFigures() {
        Throwable refused = catchThrowable(
                () -> validator.check(prompt("hi").setPrompt(parts(image(17))).build()));

        assertThat(Failures.detail(refused, ErrorInfo.class))
                .hasValueSatisfying(info -> assertThat(info.getMetadataMap()).containsEntry("limit", "16"));
    }

    @Test
    void ranksNeedCandidatesAndSegmentsThatFit() {
        RankRequest.Builder request = RankRequest.newBuilder().setPrompt(parts(text("a")));
        assertRefused("candidates", () -> validator.check(request.build()));
        request.addCandidates("x").addCandidates("");
        assertRefused("candidates[1]", () -> validator.check(request.build()));
        request.setCandidates(1, "y").setNSegments(3);
        assertRefused("n_segments", () -> validator.check(request.build()));
        request.setNSegments(0);
        assertRefused("n_segments", () -> validator.check(request.build()));
        request.setNSegments(2);
        assertThatCode(() -> validator.check(request.build())).doesNotThrowAnyException();
        request.addCandidates("z").addCandidates("w");
        assertRefused("candidates", () -> validator.check(request.build()));
    }

    private static void assertRefused(String field, Runnable check) {
        Throwable refused = catchThrowable(check::run);
        assertThat(Status.fromThrowable(refused).getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(Failures.detail(refused, BadRequest.class))
                .hasValueSatisfying(
                        bad -> assertThat(bad.getFieldViolations(0).getField()).isEqualTo(field));
    }

    private static Arguments bad(String field, Consumer<GenerateRequest.Builder> change) {
        return Arguments.of(field, change);
    }

    private static Arguments badText(String field, Consumer<TextOptions.Builder> change) {
        return Arguments.of(field, change);
    }

    private static GenerateRequest.Builder prompt(String text) {
        return GenerateRequest.newBuilder().setPrompt(parts(text(text)));
    }

    private static Choice choice(int ids) {
        return Choice.newBuilder()
                .setIds(TokenIds.newBuilder().addAllIds(Collections.nCopies(ids, 7)))
                .build();
    }

    private static Prompt parts(Part... parts) {
        return Prompt.newBuilder().addAllParts(java.util.List.of(parts)).build();
    }

    private static Part text(String text) {
        return Part.newBuilder().setText(text).build();
    }

    private static Part image(int bytes) {
        return Part.newBuilder()
                .setImage(Image.newBuilder().setData(ByteString.copyFrom(new byte[bytes])))
                .build();
    }

    private static Part video(int bytes, int frames) {
        return Part.newBuilder()
                .setVideo(Video.newBuilder()
                        .setData(ByteString.copyFrom(new byte[bytes]))
                        .setFrames(frames))
                .build();
    }
}
