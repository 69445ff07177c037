package io.dromaius.client;

import static io.dromaius.client.FakeGenerationService.answer;
import static io.dromaius.client.FakeGenerationService.chunk;
import static io.dromaius.client.FakeGenerationService.finished;
import static io.dromaius.client.FakeGenerationService.imageDone;
import static io.dromaius.client.FakeGenerationService.started;
import static io.dromaius.client.FakeGenerationService.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dromaius.proto.v1.GenerateRequest;
import io.dromaius.proto.v1.OutputMode;
import io.dromaius.proto.v1.TextOptions;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** What the client returns, whatever carries the bytes. */
abstract class EmuClientAnswersContract extends ClientFixture {
    EmuClientAnswersContract(Wire wire) {
        super(wire);
    }

    @Test
    void generateReturnsTheWholeAnswer() {
        service.then(answer("a ", "dog"));

        Generation generation = emu.generate(HELLO, GenerationOptions.defaults());

        assertThat(generation.text()).isEqualTo("a dog");
        assertThat(generation.requestId()).isEqualTo("r-1");
        assertThat(generation.candidates().get(0).reason()).isEqualTo(FinishReason.END);
        assertThat(generation.candidates().get(0).tokenIds()).containsExactly(5, 2);
    }

    @Test
    void partsTravelInOrderAndUnsetOptionsStayUnset() {
        service.then(answer("x"));
        Prompt prompt = Prompt.builder()
                .text("first")
                .image(new byte[] {1})
                .video(new byte[] {2}, 4)
                .text("last")
                .build();

        emu.generate(prompt, GenerationOptions.builder().maxTokens(9).build());

        GenerateRequest request = service.requests.get(0);
        assertThat(request.getPrompt().getPartsList())
                .extracting(part -> part.getPartCase().name())
                .containsExactly("TEXT", "IMAGE", "VIDEO", "TEXT");
        assertThat(request.getPrompt().getParts(2).getVideo().getFrames()).isEqualTo(4);
        assertThat(request.getText())
                .isEqualTo(TextOptions.newBuilder().setMaxTokens(9).build());
        assertThat(request.hasImage()).isFalse();
    }

    @Test
    void aMessagesLengthIsSaidBeforeItIsSent() {
        service.then(answer("x"));

        emu.generate(HELLO, GenerationOptions.defaults());
        emu.rank(HELLO, List.of("yes", "no"));

        assertThat(service.announced)
                .containsExactly(
                        OptionalLong.of(service.requests.get(0).getSerializedSize()),
                        OptionalLong.of(service.rankings.get(0).getSerializedSize()));
    }

    @Test
    void drawPutsTheChunksTogether() {
        service.then(call -> {
            call.onNext(started(0));
            call.onNext(chunk(1, 0, new byte[] {1, 2}));
            call.onNext(chunk(2, 2, new byte[] {3}));
            call.onNext(imageDone(3, 3, true));
            call.onNext(finished(4, ""));
            call.onCompleted();
        });

        Picture picture = emu.draw("a dog");

        assertThat(picture.png()).containsExactly(1, 2, 3);
        assertThat(picture.flagged()).isTrue();
        assertThat(picture.seed()).isEqualTo(42);
        assertThat(service.requests.get(0).getOutputModesList()).containsExactly(OutputMode.OUTPUT_MODE_IMAGE);
    }

    @Test
    void missingBytesOfAPictureAreAnError() {
        service.then(call -> {
            call.onNext(started(0));
            call.onNext(chunk(1, 0, new byte[] {1, 2}));
            call.onNext(imageDone(2, 3, false));
        });

        assertThatThrownBy(() -> emu.draw("a dog"))
                .isInstanceOf(ServerException.class)
                .hasMessageContaining("2 bytes of 3");
    }

    @Test
    void aGapInTheEventsIsAnError() {
        service.then(call -> {
            call.onNext(started(0));
            call.onNext(text(2, "lost one"));
        });

        assertThatThrownBy(() -> emu.generate(HELLO, GenerationOptions.defaults()))
                .isInstanceOf(ServerException.class)
                .hasMessageContaining("event 2 arrived where 1 was due");
    }

    @Test
    void anAnswerWithoutAnEndIsAnError() {
        service.then(call -> {
            call.onNext(started(0));
            call.onCompleted();
        });

        assertThatThrownBy(() -> emu.generate(HELLO, GenerationOptions.defaults()))
                .isInstanceOf(ServerException.class)
                .hasMessageContaining("no end");
    }

    @Test
    void rankReturnsTheBestFirst() {
        Ranking ranking = emu.rank(HELLO, List.of("yes", "no"), 2);

        assertThat(ranking.best()).isEqualTo("no");
        assertThat(ranking.losses()).containsExactly(2f, 1f);
        assertThat(service.rankings.get(0).getNSegments()).isEqualTo(2);
    }

    @Test
    void captionsAreAskedForInTheModelsOwnWords() {
        cluster.setInstruct(true);
        service.then(answer(" two dogs "));

        assertThat(emu.caption(new byte[] {1})).isEqualTo("two dogs");

        assertThat(service.requests.get(0).getPrompt().getParts(2).getText())
                .endsWith("[ASSISTANT]: the image depicts a photo of");
    }

    @Test
    void aChatTravelsAsTurns() {
        service.then(answer("yes"));

        emu.generate(
                Prompt.chat()
                        .system("Be brief.")
                        .user("Hi.")
                        .assistant("Hello.")
                        .user(Prompt.builder()
                                .image(new byte[] {1})
                                .text("A dog?")
                                .build())
                        .build(),
                GenerationOptions.defaults());

        GenerateRequest request = service.requests.get(0);
        assertThat(request.getChat().getSystem()).isEqualTo("Be brief.");
        assertThat(request.getChat().getTurnsList())
                .extracting(turn -> turn.getRole().name())
                .containsExactly("ROLE_USER", "ROLE_ASSISTANT", "ROLE_USER");
        assertThat(request.getChat().getTurns(2).getPartsCount()).isEqualTo(2);
    }
}
