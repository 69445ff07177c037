package io.dromaius.cli.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import io.dromaius.model.text.EmuTokenizer;
import io.dromaius.model.weights.Checkpoint;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** {@code cases/tokenizer/cases.json}: special ids, text to ids, ids to text, padded batches; both tokenizers. */
final class TokenizerStage implements Stage {
    private final GoldenSet set;

    TokenizerStage(GoldenSet set) {
        this.set = set;
    }

    @Override
    public String name() {
        return "tokenizer";
    }

    @Override
    public void run(Tally tally) throws IOException {
        JsonNode cases = set.json("tokenizer/cases.json");
        try (EmuTokenizer pretrain = open(Model.PRETRAIN);
                EmuTokenizer instruct = open(Model.INSTRUCT)) {
            Map<Model, EmuTokenizer> tokenizers = Map.of(Model.PRETRAIN, pretrain, Model.INSTRUCT, instruct);
            tokenizers.forEach((model, tokenizer) -> {
                specials(cases.get("special_ids").get(model.toString()), tokenizer, tally);
                encode(cases.get("encode"), model.toString(), tokenizer, tally);
                decode(cases.get("decode"), model.toString(), tokenizer, tally);
            });
            batch("batch_left", cases.get("batch_left"), true, tokenizers, tally);
            batch("batch_right", cases.get("batch_right"), false, tokenizers, tally);
        }
    }

    private EmuTokenizer open(Model model) throws IOException {
        return EmuTokenizer.open(Checkpoint.open(set.checkpoint(model)).tokenizer(), model == Model.INSTRUCT);
    }

    private static void specials(JsonNode ids, EmuTokenizer tokenizer, Tally tally) {
        for (Map.Entry<String, JsonNode> special : ids.properties()) {
            tally.expect(1);
            tally.run(
                    "special " + special.getKey(),
                    findings -> findings.equal(
                            "id",
                            special.getValue().asInt(),
                            tokenizer.specials().id(special.getKey()).orElse(-1)));
        }
    }

    private static void encode(JsonNode cases, String model, EmuTokenizer tokenizer, Tally tally) {
        for (JsonNode one : cases) {
            String text = one.get("text").asText();
            JsonNode expected = one.get(model);
            tally.expect(1);
            tally.run("encode '" + text + "'", findings -> {
                int[] ids = ints(expected.get("input_ids"));
                findings.equal("ids", ids, tokenizer.encode(text));
                findings.equal("ids without BOS", ints(expected.get("ids_no_bos")), tokenizer.encodeWithoutBos(text));
                findings.equal("text", expected.get("decoded_skip_special").asText(), tokenizer.decode(ids));
            });
        }
    }

    private static void decode(JsonNode cases, String model, EmuTokenizer tokenizer, Tally tally) {
        for (JsonNode one : cases) {
            tally.expect(1);
            tally.run(
                    "decode " + one.get("ids"),
                    findings ->
                            findings.equal("text", one.get(model).asText(), tokenizer.decode(ints(one.get("ids")))));
        }
    }

    private static void batch(
            String name, JsonNode batch, boolean left, Map<Model, EmuTokenizer> tokenizers, Tally tally) {
        List<String> texts = Json.strings(batch.get("texts"));
        EmuTokenizer tokenizer = tokenizerOf(batch, texts, tokenizers);
        for (int row = 0; row < texts.size(); row++) {
            int[] expected = ints(batch.get("input_ids").get(row));
            int[] mask = ints(batch.get("attention_mask").get(row));
            int[] ids = tokenizer.encode(texts.get(row));
            tally.expect(1);
            tally.run(name + " " + row, findings -> {
                int start = left ? expected.length - ids.length : 0;
                int[] padded = new int[expected.length];
                int[] used = new int[expected.length];
                Arrays.fill(padded, tokenizer.specials().pad());
                System.arraycopy(ids, 0, padded, start, ids.length);
                Arrays.fill(used, start, start + ids.length, 1);
                findings.equal("padded ids", expected, padded);
                findings.equal("mask", mask, used);
            });
        }
    }

    /** Of the model that the batch names; of one that names none, the tokenizer that gives the ids of its rows, if one does. */
    private static EmuTokenizer tokenizerOf(JsonNode batch, List<String> texts, Map<Model, EmuTokenizer> tokenizers) {
        if (batch.has("model")) {
            return Objects.requireNonNull(
                    tokenizers.get(Model.of(batch.get("model").asText())));
        }
        EmuTokenizer pretrain = Objects.requireNonNull(tokenizers.get(Model.PRETRAIN));
        for (int row = 0; row < texts.size(); row++) {
            List<Integer> used = new ArrayList<>();
            for (int i = 0; i < batch.get("input_ids").get(row).size(); i++) {
                if (batch.get("attention_mask").get(row).get(i).asInt() == 1) {
                    used.add(batch.get("input_ids").get(row).get(i).asInt());
                }
            }
            if (!Arrays.equals(
                    pretrain.encode(texts.get(row)),
                    used.stream().mapToInt(Integer::intValue).toArray())) {
                return Objects.requireNonNull(tokenizers.get(Model.INSTRUCT));
            }
        }
        return pretrain;
    }

    private static int[] ints(JsonNode array) {
        return Json.ints(array).stream().mapToInt(Integer::intValue).toArray();
    }
}
