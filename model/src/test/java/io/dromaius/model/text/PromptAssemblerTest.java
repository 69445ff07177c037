package io.dromaius.model.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.dromaius.model.text.PromptPart.Pictures;
import io.dromaius.model.text.PromptPart.Text;
import io.dromaius.model.tiny.TinyCheckpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PromptAssemblerTest {

    private static final int CAUSAL_TOKENS = 3;
    private static final String PICTURE = "[IMG]<image><image><image>[/IMG]";

    @TempDir
    private static Path directory;

    private static EmuTokenizer instruct;
    private static EmuTokenizer pretrain;
    private static PromptAssembler assembler;

    @BeforeAll
    static void open() throws IOException {
        Path model = TinyCheckpoint.writePretrain(directory).resolve("llama_config/tokenizer.model");
        instruct = EmuTokenizer.open(model, true);
        pretrain = EmuTokenizer.open(model, false);
        assembler = new PromptAssembler(instruct, CAUSAL_TOKENS, ChatTemplate.EMU);
    }

    @AfterAll
    static void close() {
        instruct.close();
        pretrain.close();
    }

    @Test
    void partsAreConcatenatedWithoutSeparators() throws PromptException {
        AssembledPrompt prompt = assembler.assemble(
                List.of(new Text("see"), new Pictures(2), new Text("and "), new Pictures(1)), AnswerStart.TEXT);
        assertThat(prompt.text()).isEqualTo("see" + PICTURE + PICTURE + "and " + PICTURE);
        assertThat(prompt.pictureSlots()).hasSize(3);
        for (int slot : prompt.pictureSlots()) {
            assertThat(prompt.ids()[slot - 1]).isEqualTo(instruct.specials().imageStart());
            assertThat(prompt.ids()[slot]).isEqualTo(instruct.specials().image());
            assertThat(prompt.ids()[slot + CAUSAL_TOKENS])
                    .isEqualTo(instruct.specials().imageEnd());
        }
    }

    @Test
    void aQuotedPictureTakesNoSlot() throws PromptException {
        AssembledPrompt prompt = assembler.assemble(
                List.of(new Text("an image: [IMG]ImageContent[/IMG]."), new Pictures(1)), AnswerStart.TEXT);
        assertThat(prompt.pictureSlots()).hasSize(1);
    }

    @Test
    void aTypedSlotIsRefusedWhereverItBegins() {
        assertRefused(
                "prompt.parts[1].text",
                () -> assembler.assemble(List.of(new Pictures(1), new Text("an <image> here")), AnswerStart.TEXT));
        assertRefused(
                "prompt.parts[0].text",
                () -> assembler.assemble(
                        List.of(new Text("an <ima"), new Text("ge>"), new Pictures(1)), AnswerStart.TEXT));
        assertRefused("chat.system", () -> assembler.assembleChat("<image>", turns("hello"), AnswerStart.TEXT));
        assertRefused(
                "chat.turns[0].parts[0].text", () -> assembler.assembleChat("", turns("<image>"), AnswerStart.TEXT));
    }

    @Test
    void chatsFollowTheTemplate() throws PromptException {
        assertThat(assembler.assembleChat("", turns("hello"), AnswerStart.TEXT).text())
                .isEqualTo("[USER]: hello [ASSISTANT]:");
        assertThat(assembler
                        .assembleChat("be brief", turns("one", "two", "three"), AnswerStart.TEXT)
                        .text())
                .isEqualTo("be brief [USER]: one [ASSISTANT]: two [USER]: three [ASSISTANT]:");
        assertThat(assembler
                        .assembleChat("", turns("what?", "it is "), AnswerStart.TEXT)
                        .text())
                .isEqualTo("[USER]: what? [ASSISTANT]: it is");
    }

    @Test
    void anAnswerMayBeginWithAPicture() throws PromptException {
        AssembledPrompt prompt = assembler.assemble(List.of(new Text("a dog  ")), AnswerStart.PICTURE);
        assertThat(prompt.ids()).isEqualTo(instruct.encode("a dog[IMG]"));
        assertThat(assembler.assemble(List.of(), AnswerStart.PICTURE).ids())
                .containsExactly(
                        SpecialTokens.BEGIN_OF_SEQUENCE, instruct.specials().imageStart());
    }

    @Test
    void chatsNeedAnInstructModel() {
        PromptAssembler plain = new PromptAssembler(pretrain, CAUSAL_TOKENS, ChatTemplate.EMU);
        assertRefused("chat", () -> plain.assembleChat("", turns("hello"), AnswerStart.TEXT));
        assertRefused("chat.turns", () -> assembler.assembleChat("be brief", List.of(), AnswerStart.TEXT));
    }

    private static List<ChatTurn> turns(String... texts) {
        List<ChatTurn> turns = new ArrayList<>();
        for (String text : texts) {
            ChatTurn.Role role = turns.size() % 2 == 0 ? ChatTurn.Role.USER : ChatTurn.Role.ASSISTANT;
            turns.add(new ChatTurn(role, List.of(new Text(text))));
        }
        return turns;
    }

    private static void assertRefused(String field, ThrowingCallable assembling) {
        assertThatThrownBy(assembling)
                .asInstanceOf(type(PromptException.class))
                .extracting(PromptException::field)
                .isEqualTo(field);
    }
}
