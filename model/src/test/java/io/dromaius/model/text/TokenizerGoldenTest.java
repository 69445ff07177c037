package io.dromaius.model.text;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.dromaius.model.Golden;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Both tokenizers against every stored encode, decode and batch case. */
class TokenizerGoldenTest {

    private static final String CASES = "cases/tokenizer/cases.json";

    private static EmuTokenizer open(String variant) throws IOException {
        return EmuTokenizer.open(Golden.path("emu-tiny/llama_config/tokenizer.model"), variant.equals("instruct"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"pretrain", "instruct"})
    void encodesAndDecodesAsTheReference(String variant) throws IOException {
        JsonNode cases = Golden.json(CASES).get("encode");
        assertThat(cases).hasSizeGreaterThan(90);
        try (EmuTokenizer tokenizer = open(variant)) {
            for (JsonNode one : cases) {
                String text = one.get("text").textValue();
                JsonNode expected = one.get(variant);
                int[] ids = Golden.ints(expected.get("input_ids"));
                assertThat(tokenizer.encode(text)).as(text).isEqualTo(ids);
                assertThat(tokenizer.encodeWithoutBos(text))
                        .as(text)
                        .isEqualTo(Golden.ints(expected.get("ids_no_bos")));
                assertThat(tokenizer.decode(ids))
                        .as(text)
                        .isEqualTo(expected.get("decoded_skip_special").textValue());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"pretrain", "instruct"})
    void decodesAnyIdsAsTheReference(String variant) throws IOException {
        JsonNode cases = Golden.json(CASES).get("decode");
        assertThat(cases).hasSizeGreaterThan(20);
        try (EmuTokenizer tokenizer = open(variant)) {
            for (JsonNode one : cases) {
                assertThat(tokenizer.decode(Golden.ints(one.get("ids"))))
                        .as(one.get("ids").toString())
                        .isEqualTo(one.get(variant).textValue());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"pretrain", "instruct"})
    void numbersTheSpecialTokensAsTheReference(String variant) throws IOException {
        try (EmuTokenizer tokenizer = open(variant)) {
            for (Map.Entry<String, JsonNode> special :
                    Golden.json(CASES).get("special_ids").get(variant).properties()) {
                assertThat(tokenizer.specials().id(special.getKey()))
                        .hasValue(special.getValue().intValue());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"batch_left", "batch_right"})
    void batchesArePaddedRowsOfTheSameIds(String batch) throws IOException {
        JsonNode cases = Golden.json(CASES).get(batch);
        try (EmuTokenizer tokenizer = open(batch.equals("batch_left") ? "instruct" : "pretrain")) {
            int longest = cases.get("input_ids").get(0).size();
            for (int row = 0; row < cases.get("texts").size(); row++) {
                int[] ids = tokenizer.encode(cases.get("texts").get(row).textValue());
                int[] padded = new int[longest];
                int[] mask = new int[longest];
                Arrays.fill(padded, tokenizer.specials().pad());
                int start = batch.equals("batch_left") ? longest - ids.length : 0;
                System.arraycopy(ids, 0, padded, start, ids.length);
                Arrays.fill(mask, start, start + ids.length, 1);
                assertThat(padded).isEqualTo(Golden.ints(cases.get("input_ids").get(row)));
                assertThat(mask)
                        .isEqualTo(Golden.ints(cases.get("attention_mask").get(row)));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"pretrain", "instruct"})
    void deltasConcatenateToTheWholeText(String variant) throws IOException {
        try (EmuTokenizer tokenizer = open(variant)) {
            Random random = new Random(7);
            for (int round = 0; round < 300; round++) {
                // Half of the ids are byte pieces, so that characters break off and come together often.
                int[] ids = random.ints(
                                1 + random.nextInt(30), 0, tokenizer.specials().size())
                        .map(id -> random.nextBoolean() ? 3 + id % 256 : id)
                        .toArray();
                IncrementalDetokenizer detokenizer = tokenizer.detokenizer();
                StringBuilder text = new StringBuilder();
                for (int i = 0; i < ids.length; i++) {
                    text.append(detokenizer.append(ids[i]));
                    assertThat(tokenizer.decode(Arrays.copyOf(ids, i + 1))).startsWith(text.toString());
                }
                assertThat(text + detokenizer.finish()).isEqualTo(tokenizer.decode(ids));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"pretrain", "instruct"})
    void generatedTextsAreTheReferences(String variant) throws IOException {
        List<String> checked = new ArrayList<>();
        try (EmuTokenizer tokenizer = open(variant)) {
            for (JsonNode run : Golden.json("cases/generate/generate.json")) {
                if (!run.get("model").textValue().equals(variant)) {
                    continue;
                }
                for (int i = 0; i < run.get("sequences").size(); i++) {
                    assertThat(tokenizer.decode(Golden.ints(run.get("sequences").get(i))))
                            .as(run.get("name").textValue())
                            .isEqualTo(run.get("text").get(i).textValue());
                }
                checked.add(run.get("name").textValue());
            }
        }
        assertThat(checked).hasSizeGreaterThan(10);
    }
}
