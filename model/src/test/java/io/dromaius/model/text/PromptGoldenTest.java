package io.dromaius.model.text;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.dromaius.model.Golden;
import io.dromaius.model.text.PromptPart.Pictures;
import io.dromaius.model.text.PromptPart.Text;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Prompts put together from parts are the strings that the reference was given. */
class PromptGoldenTest {

    private static final Pattern PICTURE = Pattern.compile("\\[IMG\\](<image>){32}\\[/IMG\\]");

    @Test
    void everyGenerationPromptComesBackFromItsParts() throws Exception {
        try (EmuTokenizer pretrain = EmuTokenizer.open(Golden.path("emu-tiny/llama_config/tokenizer.model"), false);
                EmuTokenizer instruct = EmuTokenizer.open(Golden.path("emu-tiny/llama_config/tokenizer.model"), true)) {
            int prompts = 0;
            for (JsonNode run : Golden.json("cases/generate/generate.json")) {
                EmuTokenizer tokenizer = run.get("model").textValue().equals("instruct") ? instruct : pretrain;
                PromptAssembler assembler = new PromptAssembler(tokenizer, 32, ChatTemplate.EMU);
                List<JsonNode> texts = new ArrayList<>();
                (run.get("prompt").isArray() ? run.get("prompt") : List.of(run.get("prompt"))).forEach(texts::add);
                int longest = 0;
                for (JsonNode text : texts) {
                    AssembledPrompt prompt = assembler.assemble(parts(text.textValue()), AnswerStart.TEXT);
                    assertThat(prompt.text()).isEqualTo(text.textValue());
                    assertSlotsHoldPictures(prompt, tokenizer);
                    longest = Math.max(longest, prompt.ids().length);
                    prompts++;
                }
                assertThat(longest).isEqualTo(run.get("prompt_len").intValue());
            }
            assertThat(prompts).isGreaterThan(78);
        }
    }

    @Test
    void aChatIsTheReferencesInstructTemplate() throws Exception {
        Pattern template = Pattern.compile("(.*?) ?\\[USER\\]: (.*) \\[ASSISTANT\\]:(?: (.*))?", Pattern.DOTALL);
        int chats = 0;
        try (EmuTokenizer tokenizer = EmuTokenizer.open(Golden.path("emu-tiny/llama_config/tokenizer.model"), true)) {
            PromptAssembler assembler = new PromptAssembler(tokenizer, 32, ChatTemplate.EMU);
            for (JsonNode run : Golden.json("cases/generate/generate.json")) {
                String text = run.get("prompt").isArray()
                        ? run.get("prompt").get(0).textValue()
                        : run.get("prompt").textValue();
                Matcher matcher = template.matcher(text);
                if (!matcher.matches()) {
                    continue;
                }
                List<ChatTurn> turns = new ArrayList<>();
                turns.add(new ChatTurn(ChatTurn.Role.USER, parts(matcher.group(2))));
                if (matcher.group(3) != null) {
                    turns.add(new ChatTurn(ChatTurn.Role.ASSISTANT, parts(matcher.group(3))));
                }
                AssembledPrompt prompt = assembler.assembleChat(matcher.group(1), turns, AnswerStart.TEXT);
                assertThat(prompt.text()).isEqualTo(text);
                chats++;
            }
        }
        assertThat(chats).isGreaterThan(5);
    }

    @Test
    void drawingPromptsEndWithTheStartOfAPicture() throws Exception {
        try (EmuTokenizer tokenizer = EmuTokenizer.open(Golden.path("emu-tiny/llama_config/tokenizer.model"), false)) {
            PromptAssembler assembler = new PromptAssembler(tokenizer, 32, ChatTemplate.EMU);
            JsonNode expected =
                    Golden.json("cases/generate_image/generate_image.json").get("text");
            AssembledPrompt prompt =
                    assembler.assemble(parts(expected.get("inputs").get(0).textValue()), AnswerStart.PICTURE);
            int[] all = Golden.ints(expected.get("final_step_input_ids").get(0));
            assertThat(all).startsWith(prompt.ids());
            assertThat(all).hasSize(prompt.ids().length + 31);

            int[] unconditional =
                    Golden.ints(expected.get("final_step_input_ids").get(1));
            assertThat(unconditional)
                    .startsWith(
                            assembler.assemble(List.of(), AnswerStart.PICTURE).ids());
        }
    }

    @Test
    void shortAnswers() {
        JsonNode cases = Golden.json("cases/tokenizer/short_answer.json");
        assertThat(cases).hasSize(16);
        for (JsonNode one : cases) {
            assertThat(ShortAnswer.of(one.get("answer").textValue()))
                    .isEqualTo(one.get("short").textValue());
        }
    }

    private static void assertSlotsHoldPictures(AssembledPrompt prompt, EmuTokenizer tokenizer) {
        int[] inSlots = IntStream.of(prompt.pictureSlots())
                .flatMap(slot -> IntStream.range(slot, slot + 32))
                .toArray();
        int[] imageIds = IntStream.range(0, prompt.ids().length)
                .filter(i -> prompt.ids()[i] == tokenizer.specials().image())
                .toArray();
        assertThat(inSlots).isEqualTo(imageIds);
    }

    private static List<PromptPart> parts(String text) {
        List<PromptPart> parts = new ArrayList<>();
        Matcher matcher = PICTURE.matcher(text);
        int end = 0;
        while (matcher.find()) {
            parts.add(new Text(text.substring(end, matcher.start())));
            parts.add(new Pictures(1));
            end = matcher.end();
        }
        parts.add(new Text(text.substring(end)));
        return parts;
    }
}
